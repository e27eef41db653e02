/// A five-character error code of the SQL standard and of PostgreSQL.
///
/// - Source: PostgreSQL manual, appendix A, "PostgreSQL Error Codes".
package struct SQLState: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }

    /// The first two characters, which name the kind of failure.
    package var `class`: Class { Class(rawValue: String(rawValue.prefix(2))) }

    package var description: String { rawValue }

    /// A class of error codes: their first two characters.
    package struct Class: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
        package let rawValue: String

        package init(rawValue: String) { self.rawValue = rawValue }

        package var description: String { rawValue }

        /// Connection exception.
        package static let connection = Class(rawValue: "08")
        /// Feature not supported.
        package static let featureNotSupported = Class(rawValue: "0A")
        /// Data exception: a value that its type or an operation on it doesn't allow.
        package static let dataException = Class(rawValue: "22")
        /// Integrity constraint violation.
        package static let integrity = Class(rawValue: "23")
        /// Invalid authorization specification: the server doesn't let the role in.
        package static let authorization = Class(rawValue: "28")
        /// Insufficient resources: disk, memory or connections.
        package static let insufficientResources = Class(rawValue: "53")
        /// Object not in prerequisite state; a lock that isn't available is of it.
        package static let objectState = Class(rawValue: "55")
        /// Operator intervention: a cancelled statement, or a server that shuts down or starts.
        package static let operatorIntervention = Class(rawValue: "57")
        /// PL/pgSQL error; `RAISE EXCEPTION` without a code of its own is of it.
        package static let raised = Class(rawValue: "P0")
    }
}

extension SQLState {
    /// Feature not supported, which a prepared statement's changed result type is as well.
    package static let featureNotSupported = SQLState(rawValue: "0A000")
    /// A unique constraint was violated.
    package static let uniqueViolation = SQLState(rawValue: "23505")
    /// A check constraint was violated.
    package static let checkViolation = SQLState(rawValue: "23514")
    /// A read-only transaction was to write, as every one is on a standby.
    package static let readOnlyTransaction = SQLState(rawValue: "25006")
    /// There is no prepared statement of that name in the session.
    package static let invalidStatementName = SQLState(rawValue: "26000")
    /// The role lacks a privilege that the statement needs.
    package static let insufficientPrivilege = SQLState(rawValue: "42501")
    /// There is no table of that name.
    package static let undefinedTable = SQLState(rawValue: "42P01")
    /// There is a prepared statement of that name in the session already.
    package static let duplicateStatement = SQLState(rawValue: "42P05")
    /// There is no schema of that name.
    package static let invalidSchemaName = SQLState(rawValue: "3F000")
    /// A lock wasn't had within `lock_timeout`, or at once with NOWAIT.
    package static let lockNotAvailable = SQLState(rawValue: "55P03")
    /// The statement was cancelled, on request or by `statement_timeout`.
    package static let queryCanceled = SQLState(rawValue: "57014")
    /// The session was ended by an administrator: a fast shutdown, or `pg_terminate_backend`.
    package static let adminShutdown = SQLState(rawValue: "57P01")
}
