internal import CLibPQ

/// The outcome of a statement: its rows, all in memory, and how many rows it touched.
///
/// Rows stay valid after the session that produced them, and may pass between threads.
package struct Rows: RandomAccessCollection, Sendable {
    let result: ResultHandle

    /// The first row's index, always 0.
    package let startIndex = 0
    /// The index after the last row, which is how many rows there are.
    package let endIndex: Int

    init(_ result: ResultHandle) {
        self.result = result
        endIndex = result.rowCount
    }

    package subscript(row: Int) -> Row {
        precondition(row >= 0 && row < endIndex, "row out of range")
        return Row(result: result, row: Int32(truncatingIfNeeded: row))
    }

    /// How many rows an INSERT, UPDATE, DELETE, MERGE, SELECT or COPY touched; 0 for other commands.
    package var affected: Int { result.affected }

    /// The names of the columns, in order.
    package var columnNames: [String] { result.columnNames }
}

/// A `PGresult` and its release.
///
/// Unchecked: "PGresult objects are normally read-only after creation, and so can be passed around freely between
/// threads" (PostgreSQL manual, 34.20 "Behavior in Threaded Programs").
final class ResultHandle: @unchecked Sendable {
    let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { self.pointer = pointer }

    deinit { PQclear(pointer) }

    var status: ExecStatusType { PQresultStatus(pointer) }

    var isPartOfStream: Bool { clibpq_is_part_of_stream(pointer) }

    var rowCount: Int { Int(PQntuples(pointer)) }

    var affected: Int { PQcmdTuples(pointer).flatMap { Int(String(cString: $0)) } ?? 0 }

    var commandTag: String { PQcmdStatus(pointer).map { String(cString: $0) } ?? "" }

    var columnNames: [String] {
        (0..<PQnfields(pointer)).map { column in PQfname(pointer, column).map { String(cString: $0) } ?? "" }
    }

    /// A field of the error report, or nil.
    func errorField(_ field: Int) -> String? {
        PQresultErrorField(pointer, Int32(field)).map { String(cString: $0) }
    }

    /// The error that the server reported, without anything that may quote the contents of a row.
    var serverError: PostgresError? {
        guard let code = errorField(clibpq_sqlstate) else { return nil }
        let state = SQLState(rawValue: code)
        let quotesData = state.class == .dataException || state.class == .integrity
        return .server(
            state,
            message: quotesData ? "" : errorField(clibpq_message) ?? "",
            constraint: errorField(clibpq_constraint),
            table: errorField(clibpq_table),
            column: errorField(clibpq_column))
    }

    /// Whether the server ended the session with this error.
    var isFatal: Bool { ["FATAL", "PANIC"].contains(errorField(clibpq_severity)) }
}
