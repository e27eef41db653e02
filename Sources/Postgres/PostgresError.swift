/// What can go wrong with a database connection or a statement.
///
/// Descriptions hold codes and names of the schema, never the contents of rows.
package enum PostgresError: Error, Equatable, Sendable {
    /// The server refused a statement.
    ///
    /// `message` is the primary message; it is empty for classes 22 and 23, whose messages quote data. DETAIL, which
    /// holds row data, is never read. `constraint`, `table` and `column` are names where the server gives them.
    case server(SQLState, message: String, constraint: String?, table: String?, column: String?)
    /// No connection could be made, or the one in use is gone; the text is libpq's first line.
    case connection(String)
    /// The connection was lost while COMMIT was under way: the transaction happened entirely or not at all.
    case commitUnknown
    /// `PostgresConnection.abandon()` was called.
    case abandoned
    /// The deadline of the statement, or of the connection attempt, passed; the connection is dropped.
    case timedOut
    /// The server or our own code left the expected order of messages.
    case protocolViolation(String)

    /// The server's code, where the server answered.
    package var state: SQLState? {
        guard case .server(let state, _, _, _, _) = self else { return nil }
        return state
    }
}

extension PostgresError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .server(let state, let message, let constraint, let table, let column):
            var text = "SQLSTATE \(state)"
            if !message.isEmpty { text += ": \(message)" }
            if let table { text += ", table \(table)" }
            if let column { text += ", column \(column)" }
            if let constraint { text += ", constraint \(constraint)" }
            return text
        case .connection(let text): return "database connection: \(text)"
        case .commitUnknown: return "the connection was lost during COMMIT; whether it committed is unknown"
        case .abandoned: return "the database connection was abandoned"
        case .timedOut: return "the database did not answer before the deadline"
        case .protocolViolation(let text): return "database protocol: \(text)"
        }
    }
}
