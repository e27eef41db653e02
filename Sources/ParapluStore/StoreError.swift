package import ParapluModel

/// What the store finds that it can't go on with.
package enum StoreError: Error, Hashable, Sendable {
    /// A row of a projection can't be read: the program and the projection don't fit together. Rebuild it.
    case unreadableProjection(table: String)
    /// A journalled record can't be read back; `paraplu verify` tells where.
    case unreadableRecord
    /// No plan was applied yet.
    case noPlan
    /// The plan to apply leaves out actions that the plan in force has.
    case actionsRemoved([ActionID])
    /// The database takes no writes: a standby, or set to read-only (F15).
    case readOnly
    /// What a frozen round left isn't what the journal gives.
    case frozenDiffers(tables: [String])
    /// Nothing is known under that name.
    case unknown(kind: String, name: String)
}

extension StoreError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unreadableProjection(let table):
            "a row of progress.\(table) was written by another version of the rules; run `paraplu rebuild --swap`"
        case .unreadableRecord: "a journalled record can't be read back; run `paraplu verify`"
        case .noPlan: "no plan was applied yet; run `paraplu plan apply FILE`"
        case .actionsRemoved(let ids):
            "the plan leaves out \(ids.map(\.rawValue).joined(separator: ", ")); keep them, with policy_type historical"
        case .readOnly: "the database takes no writes; connect to the primary (target_session_attrs=read-write)"
        case .frozenDiffers(let tables):
            "rows of frozen rounds differ (\(tables.joined(separator: ", "))) and stay as they are, everything else is what the"
                + " journal gives; where `paraplu verify` names a round, restore it from a backup; where it finds nothing, the"
                + " rounds were frozen under earlier rules"
        case .unknown(let kind, let name): "there is no \(kind) \(name)"
        }
    }
}
