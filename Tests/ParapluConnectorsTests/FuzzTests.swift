import Foundation
import ParapluConnectors
import ParapluFuzzing
import Testing

/// A short run of what `ops/local/fuzz` does for hours.
///
/// One format after the other, so that one core is busy with it; `PARAPLU_FUZZ_SECONDS` says how long each, 30 unless told.
@Suite(.serialized) struct FuzzTests {
    private static let seconds =
        ProcessInfo.processInfo.environment["PARAPLU_FUZZ_SECONDS"].flatMap { Double($0) } ?? 30

    @Test(
        "whatever comes is mapped or refused, whole and in time, and decoding twice is decoding once",
        arguments: FuzzFormat.allCases)
    func hostile(format: FuzzFormat) async throws {
        let corpus = try #require(FuzzCorpus(connectors: ExamplesTests.directory))
        let seed: UInt64 = 2026
        var run = FuzzRun(format, corpus: corpus, seed: seed)
        let deadline = ContinuousClock.now + .seconds(FuzzTests.seconds)
        var number: UInt64 = 0
        while number < 500 || ContinuousClock.now < deadline {
            do {
                try run.decode(number)
            } catch {
                let input = FuzzInput(format, corpus: corpus, seed: seed, number: number)
                Issue.record(
                    """
                    \(format.rawValue): \(error)
                    \(input.description)
                    again: ops/local/fuzz --format \(format.rawValue) --seed \(seed) --input \(number)
                    """)
                return
            }
            number += 1
            // Other tests run on the same threads.
            if number % 16 == 0 { await Task.yield() }
        }

        // Input that is only ever refused would test the first check alone.
        #expect(run.accepted > 10)
    }

    @Test("an input is known from its seed and its number", arguments: FuzzFormat.allCases)
    func again(format: FuzzFormat) throws {
        let corpus = try #require(FuzzCorpus(connectors: ExamplesTests.directory))
        func inputs(seed: UInt64) -> [String] {
            (0..<50).map { FuzzInput(format, corpus: corpus, seed: seed, number: $0).description }
        }

        let hasSame = inputs(seed: 1) == inputs(seed: 1)
        let hasOthers = inputs(seed: 1) != inputs(seed: 2)
        #expect(hasSame && hasOthers)
    }
}
