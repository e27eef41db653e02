import ParapluModel
import ParapluRules

/// Writes what time alone brings to a timeline row: a line for each step, with what differs from the step before it.
///
///     2027-04-22 rating=GRIJS last_known=GROEN data_state=VEROUDERD +report_stale
///     2027-10-23 data_state=ONTBREEKT -report_stale +report_missing
///
/// A day, then words: `lifecycle=`, `rating=`, `last_known=` (the last known rating), `data_state=`, `holder=` (nothing behind
/// one of the two: none) and `flags=` (by commas) give a new value, `+` and `-` add and take away a reason. No code or identifier holds a space, a comma, `=` or
/// a line break. `report_v1.status_as_of` reads it. Differences alone keep the row small: most rows of the table come
/// from reports that say nothing new, and their steps are most of what they say (decision 0019).
struct TimelineSteps {
    private var bytes: [UInt8] = []

    /// The steps of a row that has any; the text is valid until the next call.
    mutating func text(of row: TimelineRow) -> [UInt8] {
        bytes.removeAll(keepingCapacity: true)
        var before = row.status
        for step in row.steps {
            if !bytes.isEmpty { bytes.append(UInt8(ascii: "\n")) }
            step.from.write(into: &bytes)
            write(step.status, after: before)
            before = step.status
        }
        return bytes
    }

    private mutating func write(_ new: ActionStatus, after old: ActionStatus) {
        if new.lifecycle != old.lifecycle { word("lifecycle=", new.lifecycle.rawValue) }
        if new.rating != old.rating { word("rating=", new.rating.rawValue) }
        if new.lastKnownRating != old.lastKnownRating { word("last_known=", new.lastKnownRating?.rawValue ?? "") }
        if new.dataState != old.dataState { word("data_state=", new.dataState.rawValue) }
        if new.holder != old.holder { word("holder=", new.holder?.rawValue ?? "") }
        if new.flags != old.flags { word("flags=", new.flags.map(\.rawValue).joined(separator: ",")) }
        // Both are sorted.
        var (mine, theirs) = (new.reasons[...], old.reasons[...])
        while let next = mine.first ?? theirs.first {
            if let new = mine.first, let old = theirs.first, new == old {
                mine.removeFirst()
                theirs.removeFirst()
            } else if mine.first == next, theirs.first.map({ next < $0 }) ?? true {
                reason("+", next)
                mine.removeFirst()
            } else if let gone = theirs.popFirst() {
                reason("-", gone)
            }
        }
    }

    private mutating func word(_ name: StaticString, _ value: String) {
        bytes.append(UInt8(ascii: " "))
        name.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: value.utf8)
    }

    private mutating func reason(_ sign: StaticString, _ reason: StatusReason) {
        word(sign, reason.code)
        guard let item = reason.item else { return }
        bytes.append(UInt8(ascii: ":"))
        bytes.append(contentsOf: item.utf8)
    }
}
