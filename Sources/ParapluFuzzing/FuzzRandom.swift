/// The random numbers of one seed, the same on every machine.
///
/// - Source: SplitMix64, Steele, Lea and Flood (2014).
package struct FuzzRandom: RandomNumberGenerator {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    /// The numbers of one input of a run: known from the run's seed and the input's number alone.
    package init(seed: UInt64, input: UInt64) {
        var mixer = FuzzRandom(seed: seed ^ (input &* 0xD134_2543_DE82_EF95))
        state = mixer.next()
    }

    /// The next 64 bits of the sequence.
    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to but not including the bound.
    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }

    /// Whether an event happens that happens once in `count` times.
    mutating func once(in count: Int) -> Bool { below(count) == 0 }

    /// One of them; there is at least one.
    mutating func one<Element>(of elements: [Element]) -> Element { elements[below(elements.count)] }

    /// Mostly small, now and then up to the bound.
    mutating func length(upTo bound: Int) -> Int {
        let shift = below(max(1, Int.bitWidth - bound.leadingZeroBitCount)) + 1
        return below(min(bound, 1 << shift) + 1)
    }
}
