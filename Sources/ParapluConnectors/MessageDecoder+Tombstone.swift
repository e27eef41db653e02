internal import ParapluModel

/// Messages without a value: tombstones, which some feeds give a meaning.
extension MessageDecoder {
    /// Whether a message without a value may say something here: it keeps the rules that one with a value keeps.
    ///
    /// - Source: CloudEvents Kafka protocol binding 1.0: in structured mode the value holds the event, so that there is
    ///   always one, and never a tombstone.
    func opensTombstone(_ mode: Mode) -> Bool {
        guard !plan.tombstone.isEmpty else {
            note(.tombstone)
            return false
        }
        switch mode {
        case .bare:
            break
        case .structured:
            note(.envelope, expected: "an event in JSON format")
            return false
        case .binary:
            guard connector.acceptsBinary else { return false }
            if connector.profile == .nlGov { checkProfile(prefix: "header/ce_", bytes: 0) }
            guard checkMessage(besides: typesOfTombstone()) else { return false }
        }
        // Of a key that equals a value of the document there is nothing to compare with.
        if case .slot = connector.plan.key { return true }
        checkKey(key)
        return true
    }

    /// The versions that records of messages without a value name themselves, beside those that are taken of a value.
    private func typesOfTombstone() -> [[UInt8]] {
        guard case .attribute(let version, _) = connector.plan.version else { return [] }
        return plan.tombstone.flatMap { index -> [[UInt8]] in
            guard let condition = plan.records[index].condition,
                case .attribute(version) = plan.conditions[condition].subject
            else { return [] }
            return plan.conditions[condition].values
        }
    }

    /// Maps a message without a value: each record that is declared for one and whose condition holds.
    func mapTombstone(into buffer: inout IntakeBuffer) {
        var isMapped = false
        for index in plan.tombstone {
            let record = plan.records[index]
            if let condition = record.condition, !holds(condition) { continue }
            isMapped = true
            if let kind = record.kind { map(kind, record.fields, isAuthorised: record.isAuthorised, into: &buffer) }
        }
        if !isMapped { note(.tombstone) }
    }
}
