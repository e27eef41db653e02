/// The bytes of a canonical record, and back.
///
/// One record has one form: compact JSON, members in a fixed order, nothing absent written as null. So two records are
/// equal exactly when their bytes are, and the digest of the bytes is the digest of the record.
///
///     {"kind":"progress.reported","reporter":"org-jenv","action":"act-1-01","as_of":"2025-05-31","sequence":3,
///      "recorded_at_source":"2025-06-02T08:00:00.000000Z","lifecycle":"LOOPT","rating":"ORANJE",
///      "reasons":["CAPACITEIT"]}
///
/// (on one line). On the wire the canonical CloudEvents types carry the same members as `data`, without `kind`,
/// `reporter` and `recorded_at_source`, which the envelope gives.
package enum CanonicalRecordCodec {
    /// Appends the record's canonical bytes.
    package static func append(_ record: CanonicalRecord, to bytes: inout [UInt8]) {
        bytes.appendRaw(kindPrefix(record.kind))
        bytes.appendRaw(",\"reporter\":\"")
        bytes.appendIdentifier(record.reporter.rawValue)
        bytes.appendRaw("\",\"action\":\"")
        bytes.appendIdentifier(record.action.rawValue)
        if case .milestone(let report) = record.content {
            bytes.appendRaw("\",\"milestone\":\"")
            bytes.appendIdentifier(report.milestone.rawValue)
        }
        bytes.appendRaw("\",\"as_of\":\"")
        bytes.append(record.asOf)
        bytes.append(UInt8(ascii: "\""))
        if let sequence = record.sequence {
            bytes.appendRaw(",\"sequence\":")
            bytes.append(decimal: sequence)
        }
        if let recorded = record.recordedAtSource {
            bytes.appendRaw(",\"recorded_at_source\":\"")
            bytes.append(recorded)
            bytes.append(UInt8(ascii: "\""))
        }
        switch record.content {
        case .progress(let report): append(report, to: &bytes)
        case .milestone(let report): append(report, to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
    }

    /// The record's canonical bytes.
    package static func bytes(of record: CanonicalRecord) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256)
        append(record, to: &bytes)
        return bytes
    }

    private static func kindPrefix(_ kind: RecordKind) -> StaticString {
        switch kind {
        case .progressReported: "{\"kind\":\"progress.reported\""
        case .milestoneReported: "{\"kind\":\"milestone.reported\""
        case .planPublished, .actionChanged, .organisationChanged, .indicatorObserved, .riskReported, .nothingReported,
            .correction, .withdrawal, .assessmentMade, .conflictRuled, .roundFrozen:
            preconditionFailure("a canonical record is progress or a milestone")
        }
    }

    private static func append(_ report: ProgressReport, to bytes: inout [UInt8]) {
        bytes.appendRaw(",\"lifecycle\":\"")
        bytes.appendIdentifier(report.lifecycle.rawValue)
        bytes.appendRaw("\",\"rating\":\"")
        bytes.appendIdentifier(report.rating.rawValue)
        bytes.append(UInt8(ascii: "\""))
        if !report.reasons.isEmpty {
            bytes.appendRaw(",\"reasons\":[")
            for (index, reason) in report.reasons.enumerated() {
                bytes.appendRaw(index == 0 ? "\"" : ",\"")
                bytes.appendIdentifier(reason.rawValue)
                bytes.append(UInt8(ascii: "\""))
            }
            bytes.append(UInt8(ascii: "]"))
        }
        if let document = report.document {
            precondition(isIdentifier(utf8: document.utf8), "a document number has the shape of an identifier")
            bytes.appendRaw(",\"document\":\"")
            bytes.appendIdentifier(document)
            bytes.append(UInt8(ascii: "\""))
        }
    }

    private static func append(_ report: MilestoneReport, to bytes: inout [UInt8]) {
        bytes.appendRaw(",\"status\":\"")
        bytes.appendIdentifier(report.status.rawValue)
        bytes.append(UInt8(ascii: "\""))
        if let due = report.currentDue {
            bytes.appendRaw(",\"current_due\":\"")
            bytes.append(due)
            bytes.append(UInt8(ascii: "\""))
        }
        if let reached = report.reachedOn {
            bytes.appendRaw(",\"reached_on\":\"")
            bytes.append(reached)
            bytes.append(UInt8(ascii: "\""))
        }
    }
}

extension [UInt8] {
    /// Appends text that is known while compiling.
    fileprivate mutating func appendRaw(_ text: StaticString) {
        append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Appends text of an identifier's shape, which needs no escapes in JSON.
    fileprivate mutating func appendIdentifier(_ text: String) {
        var text = text
        text.withUTF8 { append(contentsOf: $0) }
    }

    /// Appends an integer in decimal.
    fileprivate mutating func append(decimal number: Int64) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { buffer in
            var position = 20
            var rest = number.magnitude
            repeat {
                position -= 1
                buffer[position] = 0x30 + UInt8(rest % 10)
                rest /= 10
            } while rest > 0
            if number < 0 {
                position -= 1
                buffer[position] = UInt8(ascii: "-")
            }
            append(contentsOf: UnsafeMutableBufferPointer(rebasing: buffer[position...]))
        }
    }

    /// Appends a number with zeros in front.
    fileprivate mutating func append(_ number: Int, digits: Int) {
        var divisor = 1
        for _ in 1..<digits { divisor *= 10 }
        while divisor > 0 {
            append(0x30 + UInt8(truncatingIfNeeded: number / divisor % 10))
            divisor /= 10
        }
    }

    /// Appends a day as `YYYY-MM-DD`.
    fileprivate mutating func append(_ date: CalendarDate) {
        let (year, month, day) = date.components
        append(year, digits: 4)
        append(UInt8(ascii: "-"))
        append(month, digits: 2)
        append(UInt8(ascii: "-"))
        append(day, digits: 2)
    }

    /// Appends a moment as `YYYY-MM-DDThh:mm:ss.ffffffZ`.
    fileprivate mutating func append(_ moment: Timestamp) {
        let date = moment.utcDate
        let rest = Int(moment.microsecondsSince2000 - Int64(date.daysSince2000) * 86_400_000_000)
        append(date)
        append(UInt8(ascii: "T"))
        append(rest / 3_600_000_000, digits: 2)
        append(UInt8(ascii: ":"))
        append(rest / 60_000_000 % 60, digits: 2)
        append(UInt8(ascii: ":"))
        append(rest / 1_000_000 % 60, digits: 2)
        append(UInt8(ascii: "."))
        append(rest % 1_000_000, digits: 6)
        append(UInt8(ascii: "Z"))
    }
}
