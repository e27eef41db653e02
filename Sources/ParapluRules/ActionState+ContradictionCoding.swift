import ParapluModel

// The part of a state that most actions don't have: risks, involved organisations' words, conflicts, refusals.

extension ActionState {
    /// Whether there is anything of that part.
    var isContradicted: Bool {
        !risks.isEmpty || !words.isEmpty || !conflicts.isEmpty || isAssessed
    }

    func encodeContradictions(into bytes: inout [UInt8]) {
        append(UInt16(risks.count), to: &bytes)
        for risk in risks {
            append(risk.risk.rawValue, to: &bytes)
            append(risk.level.rawValue, to: &bytes)
            append(risk.response?.rawValue ?? "", to: &bytes)
            append(risk.owner?.rawValue ?? "", to: &bytes)
        }
        append(UInt16(words.count), to: &bytes)
        for word in words {
            append(word.party.rawValue, to: &bytes)
            append(word.rating.rawValue, to: &bytes)
        }
        append(UInt16(conflicts.count), to: &bytes)
        for conflict in conflicts {
            append(conflict.party.rawValue, to: &bytes)
            append(conflict.milestone?.rawValue ?? "", to: &bytes)
            append(conflict.openedOn.daysSince2000, to: &bytes)
            append((conflict.closedOn ?? .distantPast).daysSince2000, to: &bytes)
            append(conflict.closing?.rawValue ?? "", to: &bytes)
        }
        bytes.append((isAssessed ? 1 : 0) | (isCompletionRefused ? 2 : 0))
        append(UInt16(refusedMilestones.count), to: &bytes)
        for milestone in refusedMilestones { append(milestone.rawValue, to: &bytes) }
    }

    mutating func decodeContradictions(_ reader: inout StateReader) throws(ActionStateDecodingError) {
        for _ in 0..<(try reader.count()) {
            guard let risk = RiskID(try reader.text()) else { throw reader.invalid }
            guard let level = RiskLevel(rawValue: try reader.text()) else { throw reader.invalid }
            if let last = risks.last, last.risk >= risk { throw reader.invalid }
            let (response, owner) = (try reader.text(), try reader.text())
            let known = ReportedRisk(
                risk: risk, level: level, response: RiskResponse(rawValue: response), owner: OrganisationID(owner))
            guard response.isEmpty == (known.response == nil), owner.isEmpty == (known.owner == nil) else {
                throw reader.invalid
            }
            risks.append(known)
        }
        for _ in 0..<(try reader.count()) {
            guard let party = OrganisationID(try reader.text()) else { throw reader.invalid }
            guard let rating = DeliveryRating(rawValue: try reader.text()) else { throw reader.invalid }
            if let last = words.last, last.party >= party { throw reader.invalid }
            words.append(InvolvedWord(party: party, rating: rating))
        }
        for _ in 0..<(try reader.count()) { conflicts.append(try reader.conflict()) }
        let marks = try reader.byte()
        guard marks < 4 else { throw reader.invalid }
        isAssessed = marks & 1 != 0
        isCompletionRefused = marks & 2 != 0
        for _ in 0..<(try reader.count()) {
            guard let milestone = MilestoneID(try reader.text()) else { throw reader.invalid }
            if let last = refusedMilestones.last, last >= milestone { throw reader.invalid }
            refusedMilestones.append(milestone)
        }
        guard isAssessed || !isCompletionRefused && refusedMilestones.isEmpty else { throw reader.invalid }
    }
}

extension StateReader {
    fileprivate mutating func count() throws(ActionStateDecodingError) -> UInt16 { try integer() }

    fileprivate mutating func conflict() throws(ActionStateDecodingError) -> Conflict {
        guard let party = OrganisationID(try text()) else { throw invalid }
        let item = try text()
        let milestone = MilestoneID(item)
        guard item.isEmpty || milestone != nil else { throw invalid }
        let openedOn = try date()
        let closedOn = try date()
        let code = try text()
        let closing = Conflict.Closing(rawValue: code)
        guard code.isEmpty ? closedOn == .distantPast : closing != nil && closedOn != .distantPast else {
            throw invalid
        }
        return Conflict(
            party: party, milestone: milestone, openedOn: openedOn, closedOn: closing == nil ? nil : closedOn,
            closing: closing)
    }
}
