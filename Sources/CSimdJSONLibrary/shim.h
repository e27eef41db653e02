// The library is C++; CSimdJSON wraps it. Nothing is imported from here.
