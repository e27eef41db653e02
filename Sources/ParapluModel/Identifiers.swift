/// The stable identifier of an action of the plan, such as `act-1-01`.
package struct ActionID: Identifier {
    package let rawValue: String
    package init(unchecked rawValue: String) { self.rawValue = rawValue }
}

/// The stable identifier of an organisation, such as `org-jenv`: an office, never a person.
package struct OrganisationID: Identifier {
    package let rawValue: String
    package init(unchecked rawValue: String) { self.rawValue = rawValue }
}

/// The stable identifier of a milestone, such as `act-1-01-m1`.
package struct MilestoneID: Identifier {
    package let rawValue: String
    package init(unchecked rawValue: String) { self.rawValue = rawValue }
}

/// The stable identifier of a risk to an action, as its holder numbers it.
package struct RiskID: Identifier {
    package let rawValue: String
    package init(unchecked rawValue: String) { self.rawValue = rawValue }
}

/// The stable identifier of an action line, such as `line-1`.
package struct ActionLineID: Identifier {
    package let rawValue: String
    package init(unchecked rawValue: String) { self.rawValue = rawValue }
}

/// The stable identifier of a strategic goal, such as `goal-1`.
package struct GoalID: Identifier {
    package let rawValue: String
    package init(unchecked rawValue: String) { self.rawValue = rawValue }
}

/// A reporting round (rapportageronde), such as `round-2025-1`.
package struct RoundID: Identifier {
    package let rawValue: String
    package init(unchecked rawValue: String) { self.rawValue = rawValue }
}

/// The stable identifier of an indicator, such as `ind-slachtoffers-comensha`.
package struct IndicatorID: Identifier {
    package let rawValue: String
    package init(unchecked rawValue: String) { self.rawValue = rawValue }
}

/// The stable identifier of a form of exploitation (uitbuitingsvorm), such as `uv-sex`.
package struct ExploitationFormID: Identifier {
    package let rawValue: String
    package init(unchecked rawValue: String) { self.rawValue = rawValue }
}

/// The number of a document of Parliament: dossier and number, such as `28638-257` or `35570-VI-50`.
package struct DocumentNumber: Identifier {
    package let rawValue: String
    package init(unchecked rawValue: String) { self.rawValue = rawValue }
}

/// The stable identifier of a motion, promise or amendment, such as `mot-kuik-167`.
package struct CommitmentID: Identifier {
    package let rawValue: String
    package init(unchecked rawValue: String) { self.rawValue = rawValue }
}

/// The stable identifier of a budget, such as `bud-2026-1`.
package struct BudgetID: Identifier {
    package let rawValue: String
    package init(unchecked rawValue: String) { self.rawValue = rawValue }
}

/// A feed: `<partner>/<feed>`, the folder of its connector below `connectors/`.
package struct FeedID: Identifier {
    package let rawValue: String
    package init(unchecked rawValue: String) { self.rawValue = rawValue }
}

/// What the identifiers of the plan share: short, printable, and compared byte for byte.
///
/// The shape is 1 to 64 characters of `a–z A–Z 0–9 . _ : / -`, beginning with a letter or a digit. It fits a Kafka key, a
/// subject and a file name, and can hold no text of a person.
package protocol Identifier: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The identifier as it is written.
    var rawValue: String { get }
    /// Wraps text that was checked before: by `init(_:)`, or by the database's constraint.
    init(unchecked rawValue: String)
}

extension Identifier {
    /// The identifier, or nil where the text hasn't the shape of one.
    package init?(_ text: String) {
        guard isIdentifier(utf8: text.utf8) else { return nil }
        self.init(unchecked: text)
    }

    package var description: String { rawValue }

    /// Whether the left identifier comes first, in the order of its ASCII characters.
    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// Whether the bytes have the shape of an `Identifier`.
package func isIdentifier(utf8: some Collection<UInt8>) -> Bool {
    if utf8.count > 64 { return false }
    return utf8.withContiguousStorageIfAvailable { isIdentifier(utf8: UnsafeRawBufferPointer($0)) }
        ?? Array(utf8).withUnsafeBytes { isIdentifier(utf8: $0) }
}

/// The same of bytes in memory.
package func isIdentifier(utf8: UnsafeRawBufferPointer) -> Bool {
    guard !utf8.isEmpty, utf8.count <= 64 else { return false }
    for index in 0..<utf8.count {
        switch utf8[index] {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            break
        case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: ":"), UInt8(ascii: "/"), UInt8(ascii: "-"):
            guard index > 0 else { return false }
        default: return false
        }
    }
    return true
}
