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

        package static let connection = Class(rawValue: "08")
        package static let featureNotSupported = Class(rawValue: "0A")
        package static let dataException = Class(rawValue: "22")
        package static let integrity = Class(rawValue: "23")
        package static let authorization = Class(rawValue: "28")
        package static let insufficientResources = Class(rawValue: "53")
        package static let objectState = Class(rawValue: "55")
        package static let operatorIntervention = Class(rawValue: "57")
        package static let raised = Class(rawValue: "P0")
    }
}

extension SQLState {
    package static let featureNotSupported = SQLState(rawValue: "0A000")
    package static let uniqueViolation = SQLState(rawValue: "23505")
    package static let checkViolation = SQLState(rawValue: "23514")
    package static let readOnlyTransaction = SQLState(rawValue: "25006")
    package static let invalidStatementName = SQLState(rawValue: "26000")
    package static let insufficientPrivilege = SQLState(rawValue: "42501")
    package static let undefinedTable = SQLState(rawValue: "42P01")
    package static let duplicateStatement = SQLState(rawValue: "42P05")
    package static let invalidSchemaName = SQLState(rawValue: "3F000")
    package static let lockNotAvailable = SQLState(rawValue: "55P03")
    package static let queryCanceled = SQLState(rawValue: "57014")
    package static let adminShutdown = SQLState(rawValue: "57P01")
}
