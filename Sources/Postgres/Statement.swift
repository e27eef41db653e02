/// SQL text known when the program is compiled: no SQL is ever built from data.
///
///     static let advance = Statement("UPDATE position SET next_offset = $2 WHERE topic = $1", name: "advance")
///
/// Parameters are `$1`, `$2`, …; their types are those of the `Parameter` values, so `$1::text::outcome` casts where the
/// column's type is an enum or the like.
package struct Statement: Sendable {
    private let text: StaticString
    private let label: StaticString
    /// Whether a connection prepares the statement on first use and then refers to it by name.
    package let isPrepared: Bool

    /// Names a statement.
    ///
    /// - Parameters:
    ///   - sql: one statement.
    ///   - name: shown in the server's `pg_prepared_statements`.
    ///   - prepare: prepared once per connection, on first use. Utility statements may say false.
    package init(_ sql: StaticString, name: StaticString? = nil, prepare: Bool = true) {
        precondition(sql.hasPointerRepresentation, "a statement is longer than one character")
        text = sql
        label = name ?? "statement"
        isPrepared = prepare
    }

    /// The SQL text.
    package var sql: String { text.description }

    /// The name given, or "statement".
    package var name: String { label.description }

    /// Lends the text as a C string; a `StaticString` ends with a zero byte.
    func withCString<R>(_ body: (UnsafePointer<CChar>) throws -> R) rethrows -> R {
        try text.utf8Start.withMemoryRebound(to: CChar.self, capacity: text.utf8CodeUnitCount + 1, body)
    }

    private var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    }
}

extension Statement: Hashable {
    /// Whether both have the same SQL text and are both prepared or both not; the names don't matter.
    package static func == (left: Statement, right: Statement) -> Bool {
        guard left.isPrepared == right.isPrepared, left.bytes.count == right.bytes.count else { return false }
        return left.text.utf8Start == right.text.utf8Start || left.bytes.elementsEqual(right.bytes)
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(bytes: bytes) }
}
