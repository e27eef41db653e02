package import JSON

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
            content = .progress(
                ProgressReport(
                    lifecycle: lifecycle, rating: rating, reasons: reasons, document: try document(root)))
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
                    reachedOn: try date(root, "reached_on"), document: try document(root)))
            known = ["milestone", "status", "current_due", "reached_on", "document"]
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
            let response = try text(root, "response").map { RiskResponse(rawValue: $0) }
            if case .some(nil) = response { throw .member("response") }
            let owner = try text(root, "owner").map { OrganisationID($0) }
            if case .some(nil) = owner { throw .member("owner") }
            let report = RiskReport(
                risk: risk, level: level, isOpen: status == .open, response: response ?? nil, owner: owner ?? nil)
            return (.risk(report), ["risk", "level", "status", "response", "owner"])
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

    /// The number of a document that is referred to.
    private static func document(_ root: JSONNode) throws(CanonicalRecordError) -> String? {
        let document = try text(root, "document")
        if let document, !isIdentifier(utf8: document.utf8) { throw .member("document") }
        return document
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
