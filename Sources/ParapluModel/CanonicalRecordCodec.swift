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
        if let indicator = record.indicator {
            bytes.appendRaw("\",\"indicator\":\"")
            bytes.appendIdentifier(indicator.rawValue)
        } else {
            bytes.appendRaw("\",\"action\":\"")
            bytes.appendIdentifier(record.action.rawValue)
        }
        appendSubject(of: record.content, to: &bytes)
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
        case .risk(let report):
            append("level", report.level.rawValue, to: &bytes)
            append("status", (report.isOpen ? RiskStatus.open : .closed).rawValue, to: &bytes)
            if let response = report.response { append("response", response.rawValue, to: &bytes) }
            if let owner = report.owner { append("owner", owner.rawValue, to: &bytes) }
        case .nothing: break
        case .withdrawal(let withdrawal):
            append("withdraws", withdrawal.kind.rawValue, to: &bytes)
            if !withdrawal.item.isEmpty { append("item", withdrawal.item, to: &bytes) }
        case .assessment(let assessment): append("verdict", assessment.verdict.rawValue, to: &bytes)
        case .ruling(let ruling): append("verdict", ruling.verdict.rawValue, to: &bytes)
        case .observation(let observation): append(observation, to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
    }

    /// Appends what of the action a record is about, behind the action's identifier, whose quote is still open.
    private static func appendSubject(of content: CanonicalRecord.Content, to bytes: inout [UInt8]) {
        switch content {
        case .progress, .nothing, .withdrawal, .observation: break
        case .milestone(let report): appendNext("milestone", report.milestone.rawValue, to: &bytes)
        case .risk(let report): appendNext("risk", report.risk.rawValue, to: &bytes)
        case .assessment(let assessment):
            if let milestone = assessment.milestone { appendNext("milestone", milestone.rawValue, to: &bytes) }
        case .ruling(let ruling):
            appendNext("party", ruling.party.rawValue, to: &bytes)
            if let milestone = ruling.milestone { appendNext("milestone", milestone.rawValue, to: &bytes) }
        }
    }

    /// Appends a member behind one whose closing quote is still missing, and leaves its own away.
    private static func appendNext(_ name: StaticString, _ identifier: String, to bytes: inout [UInt8]) {
        bytes.appendRaw("\",\"")
        bytes.appendRaw(name)
        bytes.appendRaw("\":\"")
        bytes.appendIdentifier(identifier)
    }

    /// Appends a member behind a complete one.
    private static func append(_ name: StaticString, _ identifier: String, to bytes: inout [UInt8]) {
        bytes.appendRaw(",\"")
        bytes.appendRaw(name)
        bytes.appendRaw("\":\"")
        bytes.appendIdentifier(identifier)
        bytes.append(UInt8(ascii: "\""))
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
        case .riskReported: "{\"kind\":\"risk.reported\""
        case .nothingReported: "{\"kind\":\"nothing.reported\""
        case .withdrawal: "{\"kind\":\"withdrawal\""
        case .assessmentMade: "{\"kind\":\"assessment.made\""
        case .conflictRuled: "{\"kind\":\"conflict.ruled\""
        case .indicatorObserved: "{\"kind\":\"indicator.observed\""
        case .planPublished, .actionChanged, .organisationChanged, .correction, .roundFrozen:
            preconditionFailure("no canonical record is of kind \(kind)")
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
        append(document: report.document, to: &bytes)
    }

    private static func append(document: String?, to bytes: inout [UInt8]) {
        guard let document else { return }
        precondition(isIdentifier(utf8: document.utf8), "a document number has the shape of an identifier")
        append("document", document, to: &bytes)
    }

    private static func append(_ observation: Observation, to bytes: inout [UInt8]) {
        append("unit", observation.unit.rawValue, to: &bytes)
        append("period", observation.period.text, to: &bytes)
        if let breakdown = observation.breakdown {
            append("dimension", breakdown.dimension.rawValue, to: &bytes)
            append("category", breakdown.category, to: &bytes)
        }
        if let value = observation.value {
            bytes.appendRaw(",\"value\":")
            bytes.appendIdentifier(value.description)
        }
        append("flag", observation.flag.rawValue, to: &bytes)
        append("stage", observation.stage.rawValue, to: &bytes)
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
        append(document: report.document, to: &bytes)
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

    /// Appends a day as `YYYY-MM-DD`.
    fileprivate mutating func append(_ date: CalendarDate) {
        let (year, month, day) = date.components
        func digit(_ number: Int) -> UInt8 { 0x30 + UInt8(truncatingIfNeeded: number % 10) }
        let hyphen = UInt8(ascii: "-")
        Swift.withUnsafeBytes(
            of: (
                digit(year / 1000), digit(year / 100), digit(year / 10), digit(year), hyphen, digit(month / 10),
                digit(month), hyphen, digit(day / 10), digit(day)
            )
        ) { append(contentsOf: $0) }
    }

    /// Appends a moment as `YYYY-MM-DDThh:mm:ss.ffffffZ`.
    fileprivate mutating func append(_ moment: Timestamp) {
        let date = moment.utcDate
        let rest = Int(moment.microsecondsSince2000 - Int64(date.daysSince2000) * 86_400_000_000)
        append(date)
        let (hour, minute, second) = (rest / 3_600_000_000, rest / 60_000_000 % 60, rest / 1_000_000 % 60)
        let fraction = rest % 1_000_000
        func digit(_ number: Int) -> UInt8 { 0x30 + UInt8(truncatingIfNeeded: number % 10) }
        let colon = UInt8(ascii: ":")
        Swift.withUnsafeBytes(
            of: (
                UInt8(ascii: "T"), digit(hour / 10), digit(hour), colon, digit(minute / 10), digit(minute), colon,
                digit(second / 10), digit(second), UInt8(ascii: "."), digit(fraction / 100_000),
                digit(fraction / 10_000), digit(fraction / 1_000), digit(fraction / 100), digit(fraction / 10),
                digit(fraction), UInt8(ascii: "Z")
            )
        ) { append(contentsOf: $0) }
    }
}
