import ParapluModel
import Postgres

/// An entry of the `office` stream, read back from the journal: what was decided, and on what.
struct OfficeEntry {
    private let headers: [String: String]
    /// What it is decided on, such as a plan's document.
    let value: [UInt8]
    private let commit: Int64

    private static let read = Statement(
        """
        SELECT p.stream_id IS NOT NULL, p.headers, p.value
        FROM journal.stream AS s
        JOIN journal.entry AS e USING (stream_id)
        LEFT JOIN journal.payload AS p USING (stream_id, position)
        WHERE s.kind = 'office' AND e.commit = $1 ORDER BY e.position LIMIT 1
        """, name: "office_entry")

    /// The entry of a commit of the office.
    ///
    /// - Throws: `StoreError.unreadableDecision` where its payload is gone or damaged.
    static func read(ofCommit commit: Int64, _ session: PostgresSession) throws -> OfficeEntry {
        guard let row = try session.execute(read, [.int8(commit)]).first, row.bool(0),
            let entry = OfficeEntry(headers: row.bytesOrNil(1) ?? [], value: row.bytesOrNil(2) ?? [], commit: commit)
        else { throw StoreError.unreadableDecision(commit: commit) }
        return entry
    }

    /// Nil where the headers aren't framed as the journal does it.
    init?(headers bytes: [UInt8], value: [UInt8], commit: Int64) {
        var texts: [String] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            guard rest.count >= 4 else { return nil }
            let length = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(4)
            guard length <= rest.count else { return nil }
            texts.append(String(decoding: rest.prefix(length), as: UTF8.self))
            rest = rest.dropFirst(length)
        }
        guard texts.count % 2 == 0 else { return nil }
        var headers: [String: String] = [:]
        for index in stride(from: 0, to: texts.count, by: 2) { headers[texts[index]] = texts[index + 1] }
        self.headers = headers
        self.value = value
        self.commit = commit
    }

    /// What was decided, such as `plan.applied`.
    var decision: String { headers["decision"] ?? "" }

    /// The header's value.
    ///
    /// - Throws: `StoreError.unreadableDecision` where the entry has none of that name.
    func text(_ name: String) throws -> String {
        guard let text = headers[name] else { throw StoreError.unreadableDecision(commit: commit) }
        return text
    }

    /// The header's value, nil where the entry has none of that name: a version before this one wrote none.
    func optionalText(_ name: String) -> String? { headers[name] }

    /// The day that a header names.
    func date(_ name: String) throws -> CalendarDate {
        guard let date = CalendarDate(try text(name)) else { throw StoreError.unreadableDecision(commit: commit) }
        return date
    }

    // MARK: Plans

    /// The headers of the entry that applies a plan.
    ///
    /// The plan as it was read from its document is among them: a later version of the program may read the document
    /// otherwise, and the journal says what was applied then (ADR 0035).
    static func headers(applying plan: Plan, actor: String, reason: String) -> [(name: String, value: String)] {
        [
            ("decision", "plan.applied"), ("actor", actor), ("reason", reason),
            ("plan", String(decoding: PlanCodec.bytes(of: plan), as: UTF8.self)),
        ]
    }

    /// The plan that the entry applied: as it was read then, else as its document is read now.
    func plan() throws -> Plan {
        if let text = headers["plan"] {
            guard let plan = PlanCodec.plan(from: Array(text.utf8)) else {
                throw StoreError.unreadableDecision(commit: commit)
            }
            return plan
        }
        do throws(PlanDocumentError) {
            return try PlanDocument.parse(value, file: "commit \(commit)")
        } catch {
            throw StoreError.unreadableDecision(commit: commit)
        }
    }

    /// The bytes in which the plan was kept when it was applied, else those of now.
    ///
    /// A version that was applied by an earlier program lacks members that this one writes, and stays as it was kept.
    func bytes(of plan: Plan) -> [UInt8] { headers["plan"].map { Array($0.utf8) } ?? PlanCodec.bytes(of: plan) }
}
