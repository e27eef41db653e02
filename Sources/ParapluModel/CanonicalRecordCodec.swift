package import JSON

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
        if let document = report.document {
            precondition(isIdentifier(utf8: document.utf8), "a document number has the shape of an identifier")
            bytes.appendRaw(",\"document\":\"")
            bytes.appendIdentifier(document)
            bytes.append(UInt8(ascii: "\""))
        }
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

/// Why bytes are no canonical record: what is missing or wrong, by the member's name.
package enum CanonicalRecordError: Error, Hashable, Sendable {
    case notJSON
    case member(String)
}

extension CanonicalRecordCodec {
    /// The record of its canonical bytes.
    ///
    /// Reads what `append` wrote, also where a database has put its members in another order; no member may be unknown.
    ///
    /// - Parameter parser: a parser to use again.
    package static func record(
        from bytes: UnsafeRawBufferPointer, using parser: JSONParser
    ) throws(CanonicalRecordError) -> CanonicalRecord {
        let root: JSONNode
        do throws(JSONError) { root = try parser.parse(bytes).root } catch { throw .notJSON }
        guard root.kind == .object else { throw .notJSON }
        let kind = try text(root, "kind").flatMap(RecordKind.init(rawValue:))
        guard let reporter = try text(root, "reporter").flatMap({ OrganisationID($0) }) else {
            throw .member("reporter")
        }
        guard let asOf = try date(root, "as_of") else { throw .member("as_of") }
        var sequence: Int64?
        if let node = root["sequence"] {
            sequence = node.int64
            if sequence == nil { throw .member("sequence") }
        }
        var recorded: Timestamp?
        if let node = root["recorded_at_source"] {
            recorded = node.utf8.flatMap { Timestamp(rfc3339: $0) }
            if recorded == nil { throw .member("recorded_at_source") }
        }
        let common: Set<String> = ["kind", "reporter", "as_of", "sequence", "recorded_at_source"]
        if kind == .indicatorObserved {
            let observation = try observation(root)
            for member in root.members
            where !common.contains(member.name) && !observationMembers.contains(member.name) {
                throw .member("unknown")
            }
            return CanonicalRecord(
                reporter: reporter, observation: observation, asOf: asOf, sequence: sequence, recordedAtSource: recorded
            )
        }
        guard let action = try text(root, "action").flatMap({ ActionID($0) }) else { throw .member("action") }
        let content: CanonicalRecord.Content
        let known: Set<String>
        switch kind {
        case .progressReported:
            guard let lifecycle = try text(root, "lifecycle").flatMap(Lifecycle.init(rawValue:)) else {
                throw .member("lifecycle")
            }
            guard let rating = try text(root, "rating").flatMap(DeliveryRating.init(rawValue:)) else {
                throw .member("rating")
            }
            var reasons: [ReasonCode] = []
            if let list = root["reasons"] {
                guard list.kind == .array else { throw .member("reasons") }
                for element in list.elements {
                    guard let reason = element.string.flatMap(ReasonCode.init(rawValue:)) else {
                        throw .member("reasons")
                    }
                    reasons.append(reason)
                }
            }
            let document = try text(root, "document")
            if let document, !isIdentifier(utf8: document.utf8) { throw .member("document") }
            content = .progress(
                ProgressReport(lifecycle: lifecycle, rating: rating, reasons: reasons, document: document))
            known = ["lifecycle", "rating", "reasons", "document"]
        case .milestoneReported:
            guard let milestone = try text(root, "milestone").flatMap({ MilestoneID($0) }) else {
                throw .member("milestone")
            }
            guard let status = try text(root, "status").flatMap(MilestoneStatus.init(rawValue:)) else {
                throw .member("status")
            }
            content = .milestone(
                MilestoneReport(
                    milestone: milestone, status: status, currentDue: try date(root, "current_due"),
                    reachedOn: try date(root, "reached_on")))
            known = ["milestone", "status", "current_due", "reached_on"]
        default:
            (content, known) = try decision(kind, root)
        }
        for member in root.members
        where member.name != "action" && !common.contains(member.name) && !known.contains(member.name) {
            throw .member("unknown")
        }
        return CanonicalRecord(
            reporter: reporter, action: action, asOf: asOf, sequence: sequence, recordedAtSource: recorded,
            content: content)
    }

    /// The content of the kinds besides reports on actions and milestones, and its members' names.
    private static func decision(
        _ kind: RecordKind?, _ root: JSONNode
    ) throws(CanonicalRecordError) -> (CanonicalRecord.Content, Set<String>) {
        let milestone = try text(root, "milestone").map { MilestoneID($0) }
        if case .some(nil) = milestone { throw .member("milestone") }
        switch kind {
        case .riskReported:
            guard let risk = try text(root, "risk").flatMap({ RiskID($0) }) else { throw .member("risk") }
            guard let level = try text(root, "level").flatMap(RiskLevel.init(rawValue:)) else { throw .member("level") }
            guard let status = try text(root, "status").flatMap(RiskStatus.init(rawValue:)) else {
                throw .member("status")
            }
            return (.risk(RiskReport(risk: risk, level: level, isOpen: status == .open)), ["risk", "level", "status"])
        case .nothingReported:
            return (.nothing, [])
        case .withdrawal:
            guard let kind = try text(root, "withdraws").flatMap(RecordKind.init(rawValue:)),
                RecordKind.withdrawable.contains(kind)
            else { throw .member("withdraws") }
            let item = try text(root, "item") ?? ""
            guard item.isEmpty || isIdentifier(utf8: item.utf8) else { throw .member("item") }
            return (.withdrawal(Withdrawal(kind: kind, item: item)), ["withdraws", "item"])
        case .assessmentMade:
            guard let verdict = try text(root, "verdict").flatMap(AssessmentVerdict.init(rawValue:)) else {
                throw .member("verdict")
            }
            return (.assessment(Assessment(milestone: milestone ?? nil, verdict: verdict)), ["milestone", "verdict"])
        case .conflictRuled:
            guard let party = try text(root, "party").flatMap({ OrganisationID($0) }) else { throw .member("party") }
            guard let verdict = try text(root, "verdict").flatMap(ConflictVerdict.init(rawValue:)) else {
                throw .member("verdict")
            }
            let ruling = ConflictRuling(party: party, milestone: milestone ?? nil, verdict: verdict)
            return (.ruling(ruling), ["party", "milestone", "verdict"])
        default:
            throw .member("kind")
        }
    }

    private static let observationMembers: Set<String> = [
        "indicator", "unit", "period", "dimension", "category", "value", "flag", "stage",
    ]

    /// What is said of an indicator.
    private static func observation(_ root: JSONNode) throws(CanonicalRecordError) -> Observation {
        guard let indicator = try text(root, "indicator").flatMap({ IndicatorID($0) }) else {
            throw .member("indicator")
        }
        guard let unit = try text(root, "unit").flatMap(IndicatorUnit.init(rawValue:)) else { throw .member("unit") }
        guard let period = try text(root, "period").flatMap({ Period($0) }) else { throw .member("period") }
        var breakdown: Breakdown?
        if let name = try text(root, "dimension") {
            guard let dimension = Dimension(rawValue: name) else { throw .member("dimension") }
            guard let category = try text(root, "category"), isIdentifier(utf8: category.utf8) else {
                throw .member("category")
            }
            breakdown = Breakdown(dimension: dimension, category: category)
        }
        var value: Figure?
        if let node = root["value"] {
            value = node.rawNumber.flatMap { Figure(String(decoding: $0, as: UTF8.self)) }
            if value == nil { throw .member("value") }
        }
        guard let flag = try text(root, "flag").flatMap(ValueFlag.init(rawValue:)), flag.hasValue == (value != nil)
        else { throw .member("flag") }
        guard let stage = try text(root, "stage").flatMap(ObservationStage.init(rawValue:)) else {
            throw .member("stage")
        }
        return Observation(
            indicator: indicator, unit: unit, period: period, breakdown: breakdown, value: value, flag: flag,
            stage: stage)
    }

    /// The record of its canonical bytes.
    package static func record(from bytes: [UInt8]) throws(CanonicalRecordError) -> CanonicalRecord {
        let parser = JSONParser()
        let result = bytes.withUnsafeBytes { raw -> Result<CanonicalRecord, CanonicalRecordError> in
            do throws(CanonicalRecordError) {
                return .success(try record(from: raw, using: parser))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// The text of an optional member.
    private static func text(_ object: JSONNode, _ name: String) throws(CanonicalRecordError) -> String? {
        guard let node = object[name: name] else { return nil }
        guard let text = node.string else { throw .member(name) }
        return text
    }

    /// The day of an optional member.
    private static func date(_ object: JSONNode, _ name: String) throws(CanonicalRecordError) -> CalendarDate? {
        guard let node = object[name: name] else { return nil }
        guard let date = node.utf8.flatMap({ CalendarDate(iso: $0) }) else { throw .member(name) }
        return date
    }
}
