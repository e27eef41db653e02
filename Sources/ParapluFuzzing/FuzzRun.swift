import Foundation
import ParapluConnectors
import ParapluModel

/// Decodes inputs without end and checks what must hold of each, whatever it is.
///
/// - No trap: the process goes on.
/// - The same again: decoding twice gives what decoding once gave, and a fresh decoder gives it too.
/// - Whole or not at all: a refused message has no records; an accepted record reads back as itself.
/// - Nothing of the sender's in a violation's path, which stays short.
/// - Personal data: a message that holds the marker is refused and not kept.
/// - Time: an input takes less than `secondsMax` of CPU.
package struct FuzzRun {
    /// What did not hold.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// The most CPU time that an input may take: a thousand times the usual, so that a busy machine is no finding.
    package static let secondsMax = 2.0

    private let format: FuzzFormat
    private let corpus: FuzzCorpus
    private let seed: UInt64
    private let decoder = MessageDecoder()
    private var buffer = IntakeBuffer()
    /// Inputs of which records came.
    package private(set) var accepted = 0

    package init(_ format: FuzzFormat, corpus: FuzzCorpus, seed: UInt64) {
        self.format = format
        self.corpus = corpus
        self.seed = seed
    }

    /// Decodes the input of a number.
    ///
    /// - Throws: `Failure`, naming what did not hold, and nothing of the input.
    package mutating func decode(_ number: UInt64) throws(Failure) {
        let input = FuzzInput(format, corpus: corpus, seed: seed, number: number)
        let connector = input.feed.connector
        let message = input.message
        let start = FuzzRun.threadSeconds
        buffer.removeAll()
        let once = message.decode(connector, decoder, into: &buffer)
        let seconds = FuzzRun.threadSeconds - start
        guard seconds < FuzzRun.secondsMax else { throw Failure(description: "decoding took \(seconds) s") }
        let again = message.decode(connector, number % 16 == 0 ? MessageDecoder() : decoder, into: &buffer)
        try compare(once, again)
        try check(once, message)
        if !once.records.isEmpty { accepted += 1 }
    }

    private func compare(_ once: Intake, _ again: Intake) throws(Failure) {
        guard once.rejection == again.rejection, once.eventID == again.eventID, once.source == again.source,
            once.messageKey.map({ [$0.0, $0.1] }) == again.messageKey.map({ [$0.0, $0.1] }),
            once.isText == again.isText,
            once.keepsPayload == again.keepsPayload, once.records.count == again.records.count
        else { throw Failure(description: "decoding twice is not decoding once") }
        for (left, right) in zip(buffer.records[once.records], buffer.records[again.records])
        where left.digest != right.digest || left.identity != right.identity {
            throw Failure(description: "records differ the second time")
        }
    }

    private func check(_ intake: Intake, _ message: StoredMessage) throws(Failure) {
        if let rejection = intake.rejection {
            guard intake.records.isEmpty else { throw Failure(description: "a refused message has records") }
            guard rejection.violations.allSatisfy({ $0.path.utf8.count < 300 }) else {
                throw Failure(description: "a violation's path is long")
            }
        }
        for mapped in buffer.records[intake.records] {
            guard let record = try? CanonicalRecordCodec.record(from: Array(buffer.bytes[mapped.json])),
                record == mapped.record
            else { throw Failure(description: "a record does not read back as itself") }
        }
        let parts = [message.value ?? [], message.key ?? [], message.headers]
        if parts.contains(where: { FuzzRun.holdsMarker($0) }) {
            guard intake.rejection?.code == .personalData, !intake.keepsPayload else {
                throw Failure(description: "personal data is not found")
            }
        }
    }

    private static func holdsMarker(_ bytes: [UInt8]) -> Bool {
        let marker = FuzzInput.marker
        var rest = bytes[...]
        while let at = rest.firstIndex(of: UInt8(ascii: "@")) {
            let start = at - 3
            if start >= 0, start + marker.count <= bytes.count,
                bytes[start..<start + marker.count].elementsEqual(marker)
            {
                return true
            }
            rest = rest[(at + 1)...]
        }
        return false
    }

    private static var threadSeconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
