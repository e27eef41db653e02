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
        package static let cardinality = Class(rawValue: "21")
        package static let dataException = Class(rawValue: "22")
        package static let integrity = Class(rawValue: "23")
        package static let transactionState = Class(rawValue: "25")
        package static let authorization = Class(rawValue: "28")
        package static let transactionRollback = Class(rawValue: "40")
        package static let syntaxOrAccess = Class(rawValue: "42")
        package static let insufficientResources = Class(rawValue: "53")
        package static let programLimit = Class(rawValue: "54")
        package static let objectState = Class(rawValue: "55")
        package static let operatorIntervention = Class(rawValue: "57")
        package static let systemError = Class(rawValue: "58")
        package static let raised = Class(rawValue: "P0")
        package static let internalError = Class(rawValue: "XX")
    }
}

extension SQLState {
    package static let featureNotSupported = SQLState(rawValue: "0A000")
    package static let cardinalityViolation = SQLState(rawValue: "21000")
    package static let numericValueOutOfRange = SQLState(rawValue: "22003")
    package static let characterNotInRepertoire = SQLState(rawValue: "22021")
    package static let invalidTextRepresentation = SQLState(rawValue: "22P02")
    package static let invalidBinaryRepresentation = SQLState(rawValue: "22P03")
    package static let badCopyFileFormat = SQLState(rawValue: "22P04")
    package static let untranslatableCharacter = SQLState(rawValue: "22P05")
    package static let notNullViolation = SQLState(rawValue: "23502")
    package static let foreignKeyViolation = SQLState(rawValue: "23503")
    package static let uniqueViolation = SQLState(rawValue: "23505")
    package static let checkViolation = SQLState(rawValue: "23514")
    package static let exclusionViolation = SQLState(rawValue: "23P01")
    package static let readOnlyTransaction = SQLState(rawValue: "25006")
    package static let idleInTransactionTimeout = SQLState(rawValue: "25P03")
    package static let inFailedTransaction = SQLState(rawValue: "25P02")
    package static let invalidStatementName = SQLState(rawValue: "26000")
    package static let serializationFailure = SQLState(rawValue: "40001")
    package static let deadlockDetected = SQLState(rawValue: "40P01")
    package static let insufficientPrivilege = SQLState(rawValue: "42501")
    package static let undefinedColumn = SQLState(rawValue: "42703")
    package static let undefinedFunction = SQLState(rawValue: "42883")
    package static let undefinedTable = SQLState(rawValue: "42P01")
    package static let duplicateDatabase = SQLState(rawValue: "42P04")
    package static let duplicateStatement = SQLState(rawValue: "42P05")
    package static let duplicateTable = SQLState(rawValue: "42P07")
    package static let invalidSchemaName = SQLState(rawValue: "3F000")
    package static let diskFull = SQLState(rawValue: "53100")
    package static let outOfMemory = SQLState(rawValue: "53200")
    package static let tooManyConnections = SQLState(rawValue: "53300")
    package static let lockNotAvailable = SQLState(rawValue: "55P03")
    package static let queryCanceled = SQLState(rawValue: "57014")
    package static let adminShutdown = SQLState(rawValue: "57P01")
    package static let crashShutdown = SQLState(rawValue: "57P02")
    package static let cannotConnectNow = SQLState(rawValue: "57P03")
    package static let idleSessionTimeout = SQLState(rawValue: "57P05")
    package static let raiseException = SQLState(rawValue: "P0001")
}
