import Testing

/// Tests with the built programs, a real broker and a real database; one after the other.
@Suite("End to end", .serialized)
struct EndToEnd {}
