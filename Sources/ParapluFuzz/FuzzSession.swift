import Foundation
import ParapluFuzzing
import Synchronization

/// A run of one format: inputs one after another until the time is over or something does not hold.
struct FuzzSession {
    private let options: FuzzOptions
    private let corpus: FuzzCorpus
    private let watch = Watch()
    /// A file that holds the number of the input at hand, eight bytes, for whoever finds this process dead; -1 for none.
    private let state: Int32

    /// What the watching thread reads.
    private final class Watch: Sendable {
        /// The number of the input at hand.
        let input = Atomic<UInt64>(0)
        let isDone = Atomic<Bool>(false)
    }

    init(_ options: FuzzOptions, _ corpus: FuzzCorpus) {
        self.options = options
        self.corpus = corpus
        state = options.state.map { open($0, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644) } ?? -1
    }

    /// Runs, and returns whether everything held.
    func run() -> Bool {
        var run = FuzzRun(options.format, corpus: corpus, seed: options.seed)
        if let input = options.input {
            say(FuzzInput(options.format, corpus: corpus, seed: options.seed, number: input).description)
            return decode(input, &run)
        }
        say(
            "\(options.format.rawValue): seed \(options.seed), \(corpus.feeds(options.format).count) feeds, \(Int(options.seconds)) s"
        )
        watchForHangs()
        let start = DispatchTime.now().uptimeNanoseconds
        var number: UInt64 = 0
        var warm: Int?
        var reported = 0.0
        while true {
            let seconds = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
            if seconds >= options.seconds { break }
            let resident = number % 1_000 == 0 ? FuzzSession.residentMebibytes : 0
            if number == 20_000 { warm = resident }
            if let warm, resident > warm + options.memoryMebibytesMax {
                say("resident memory grew from \(warm) to \(resident) MiB")
                return fail(number)
            }
            if seconds - reported >= 15 {
                reported = seconds
                say(progress(number, seconds, run.accepted))
            }
            watch.input.store(number, ordering: .relaxed)
            if state >= 0 { withUnsafeBytes(of: number.littleEndian) { _ = pwrite(state, $0.baseAddress, 8, 0) } }
            guard decode(number, &run) else { return false }
            number += 1
        }
        watch.isDone.store(true, ordering: .relaxed)
        say(progress(number, options.seconds, run.accepted) + ", nothing found")
        return true
    }

    private func decode(_ number: UInt64, _ run: inout FuzzRun) -> Bool {
        do throws(FuzzRun.Failure) {
            try run.decode(number)
            return true
        } catch {
            say("\(options.format.rawValue): \(error)")
            return fail(number)
        }
    }

    private func fail(_ number: UInt64) -> Bool {
        say(FuzzInput(options.format, corpus: corpus, seed: options.seed, number: number).description)
        say("again: \(options.again(number))")
        return false
    }

    private func progress(_ count: UInt64, _ seconds: Double, _ accepted: Int) -> String {
        "\(options.format.rawValue): \(count) inputs, \(Int(Double(count) / seconds))/s, \(accepted) with records, "
            + "\(FuzzSession.residentMebibytes) MiB"
    }

    /// Ends the process where one input takes ten seconds.
    private func watchForHangs() {
        let (watch, options) = (watch, options)
        let thread = Thread {
            var last: UInt64 = .max
            var seen = 0
            while !watch.isDone.load(ordering: .relaxed) {
                Thread.sleep(forTimeInterval: 1)
                let input = watch.input.load(ordering: .relaxed)
                seen = input == last ? seen + 1 : 0
                last = input
                if seen == 10 {
                    say(
                        "\(options.format.rawValue): an input takes more than ten seconds\nagain: \(options.again(input))"
                    )
                    _exit(1)
                }
            }
        }
        thread.start()
    }

    /// Source: proc(5), `/proc/self/statm`, second field, in pages of 4 KiB.
    private static var residentMebibytes: Int {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return 0 }
        return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) / 256
    }
}
