package import ParapluModel

/// What the store finds that it can't go on with.
package enum StoreError: Error, Hashable, Sendable {
    /// A row of a projection can't be read: the program and the projection don't fit together. Rebuild it.
    case unreadableProjection(table: String)
    /// A journalled record can't be read back; `paraplu verify` tells where.
    case unreadableRecord
    /// The journal doesn't hold any more, or not readably, what the office decided at a commit.
    case unreadableDecision(commit: Int64)
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
        case .unreadableDecision(let commit):
            "the office's entry of commit \(commit) can't be read back; run `paraplu verify`"
        case .noPlan: "no plan was applied yet; run `paraplu plan apply FILE`"
        case .actionsRemoved(let ids):
            "the plan leaves out \(ids.map(\.rawValue).joined(separator: ", ")); keep them, with policy_type historical"
        case .readOnly: "the database takes no writes; connect to the primary (target_session_attrs=read-write)"
        case .frozenDiffers(let tables):
            "rows of frozen rounds were changed (\(tables.joined(separator: ", "))); they are restored from a backup;"
                + " paraplu verify names the round"
        case .unknown(let kind, let name): "there is no \(kind) \(name)"
        }
    }
}
