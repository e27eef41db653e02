import ParapluModel

/// Why bytes are not a state: they were damaged, or another version wrote them.
package enum ActionStateDecodingError: Error, Hashable, Sendable {
    /// The bytes are of a version that this one doesn't know; fold the action's facts again.
    case unknownVersion(UInt8)
    /// The bytes end too early.
    case truncated
    /// A value at this offset is none that `encode(into:)` writes.
    case invalid(offset: Int)
}

extension ActionState {
    /// The version of the byte form, which is its first byte.
    private static let version: UInt8 = 4

    /// Appends the state's canonical byte form: equal states have equal bytes, and only those.
    ///
    /// Version, then which optional parts follow, then the parts; numbers are little-endian, texts have one byte of
    /// length before them, lists two bytes of count. About 100 bytes, and 20 per reported milestone.
    ///
    /// - Precondition: no list is longer than 65,535; the plan bounds them far lower.
    package func encode(into bytes: inout [UInt8]) {
        bytes.append(ActionState.version)
        bytes.append(
            (lastKey == nil ? 0 : 1) | (holderAsOf == nil ? 0 : 2) | (progress == nil ? 0 : 4)
                | (isContradicted ? 8 : 0))
        if let lastKey {
            append(lastKey.asOf.daysSince2000, to: &bytes)
            append(lastKey.order, to: &bytes)
            append(lastKey.identityHigh, to: &bytes)
            append(lastKey.identityLow, to: &bytes)
            bytes.append(lastStanding.rawValue)
        }
        if let holderAsOf { append(holderAsOf.daysSince2000, to: &bytes) }
        if let progress {
            bytes.append(progress.lifecycle.stateCode)
            bytes.append(progress.rating.stateCode)
            append(progress.reasons, to: &bytes)
            append(progress.reporter.rawValue, to: &bytes)
        }
        append(UInt16(milestones.count), to: &bytes)
        for milestone in milestones {
            append(milestone.milestone.rawValue, to: &bytes)
            let dates: UInt8 =
                (milestone.due == nil ? 0 : 16) | (milestone.dueBefore == nil ? 0 : 32)
                | (milestone.reachedOn == nil ? 0 : 64) | (milestone.document == nil ? 0 : 128)
            bytes.append(milestone.status.stateCode | dates)
            append(milestone.asOf.daysSince2000, to: &bytes)
            if let due = milestone.due { append(due.daysSince2000, to: &bytes) }
            if let dueBefore = milestone.dueBefore { append(dueBefore.daysSince2000, to: &bytes) }
            if let reachedOn = milestone.reachedOn { append(reachedOn.daysSince2000, to: &bytes) }
            if let document = milestone.document { append(document, to: &bytes) }
        }
        if isContradicted { encodeContradictions(into: &bytes) }
        append(UInt16(today.count), to: &bytes)
        for record in today {
            append(UInt16(bitPattern: record.kind), to: &bytes)
            append(record.reporter.rawValue, to: &bytes)
            append(record.item, to: &bytes)
            append(record.order, to: &bytes)
            append(record.identityHigh, to: &bytes)
            append(record.identityLow, to: &bytes)
        }
    }

    /// The state of a byte form.
    ///
    /// - Throws: `ActionStateDecodingError` for anything that `encode(into:)` doesn't write, bytes behind it included.
    package init(decoding bytes: [UInt8]) throws(ActionStateDecodingError) {
        var reader = StateReader(bytes: bytes)
        let version = try reader.byte()
        guard version == ActionState.version else { throw .unknownVersion(version) }
        let parts = try reader.byte()
        guard parts < 16 else { throw reader.invalid }
        self.init()
        if parts & 1 != 0 {
            lastKey = FactKey(
                asOf: try reader.date(), order: try reader.integer(), identityHigh: try reader.integer(),
                identityLow: try reader.integer())
            guard let standing = Standing(rawValue: try reader.byte()) else { throw reader.invalid }
            lastStanding = standing
        }
        if parts & 2 != 0 { holderAsOf = try reader.date() }
        if parts & 4 != 0 {
            guard let lifecycle = Lifecycle(stateCode: try reader.byte()) else { throw reader.invalid }
            guard let rating = DeliveryRating(stateCode: try reader.byte()) else { throw reader.invalid }
            let reasons: UInt16 = try reader.integer()
            guard reasons < 1 << 10 else { throw reader.invalid }
            guard let reporter = OrganisationID(try reader.text()) else { throw reader.invalid }
            progress = ReportedProgress(lifecycle: lifecycle, rating: rating, reasons: reasons, reporter: reporter)
        }
        let milestoneCount: UInt16 = try reader.integer()
        for _ in 0..<milestoneCount {
            let milestone = try reader.milestone()
            if let last = milestones.last, last.milestone >= milestone.milestone { throw reader.invalid }
            milestones.append(milestone)
        }
        if parts & 8 != 0 {
            try decodeContradictions(&reader)
            guard isContradicted else { throw reader.invalid }
        }
        let recordCount: UInt16 = try reader.integer()
        for _ in 0..<recordCount {
            let record = try reader.dayRecord()
            if let last = today.last, !last.slotPrecedes(record) { throw reader.invalid }
            today.append(record)
        }
        guard reader.isAtEnd else { throw reader.invalid }
    }
}

// The codes below are never given to another case, because states are kept.

extension Lifecycle {
    fileprivate var stateCode: UInt8 {
        switch self {
        case .notStarted: 1
        case .underWay: 2
        case .paused: 3
        case .reportedComplete: 4
        case .complete: 5
        case .stopped: 6
        case .unknown: 7
        }
    }

    fileprivate init?(stateCode: UInt8) {
        switch stateCode {
        case 1: self = .notStarted
        case 2: self = .underWay
        case 3: self = .paused
        case 4: self = .reportedComplete
        case 5: self = .complete
        case 6: self = .stopped
        case 7: self = .unknown
        default: return nil
        }
    }
}

extension DeliveryRating {
    fileprivate var stateCode: UInt8 {
        switch self {
        case .green: 1
        case .amber: 2
        case .red: 3
        case .grey: 4
        }
    }

    fileprivate init?(stateCode: UInt8) {
        switch stateCode {
        case 1: self = .green
        case 2: self = .amber
        case 3: self = .red
        case 4: self = .grey
        default: return nil
        }
    }
}

extension MilestoneStatus {
    var stateCode: UInt8 {
        switch self {
        case .planned: 1
        case .reportedReached: 2
        case .reached: 3
        case .dropped: 4
        }
    }

    init?(stateCode: UInt8) {
        switch stateCode {
        case 1: self = .planned
        case 2: self = .reportedReached
        case 3: self = .reached
        case 4: self = .dropped
        default: return nil
        }
    }
}
