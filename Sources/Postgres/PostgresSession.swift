internal import CLibPQ
internal import Glibc

/// A connected session, lent to a closure on the connection's thread; every call waits for its answer.
///
/// It is valid inside that closure only. After an error of the server the session goes on (inside a transaction, which
/// is then aborted); after any other error it is over, and the connection's next `run` connects anew.
package final class PostgresSession {
    let link: Link
    private var prepared: [Statement: [PreparedStatement]] = [:]
    private var preparedCount = 0
    private var channels: Set<String> = []
    private var isLent = false
    /// Whether a stream of rows is being read, which allows no other statement.
    var isStreaming = false
    /// Whether `transaction` is running.
    var isInTransaction = false
    /// The first error of the server inside the transaction.
    var transactionFailure: PostgresError?

    /// How long one statement may take from being sent to its last result; nil is without limit.
    ///
    /// The connection's own at the beginning of each closure. It applies from the next statement to the end of the closure. When it passes, the server is asked to cancel and the
    /// connection is dropped.
    package var deadline: Duration?

    /// Counts the sessions of the connection, from one: another number is another session, and perhaps another server.
    package let number: Int
    private let standardDeadline: Duration?

    init(_ link: Link, number: Int, standardDeadline: Duration?) {
        self.link = link
        self.number = number
        self.standardDeadline = standardDeadline
    }

    /// The server's version as a number: 150020 is 15.20.
    package var serverVersion: Int { Int(PQserverVersion(link.connection)) }

    /// The process that serves this session; another one after a reconnection.
    package var backendPID: Int32 { PQbackendPID(link.connection) }

    /// Whether the server has not gone away while nobody was using the session, as far as can be told without asking it.
    ///
    /// A server that ends an idle session sends its reason first, so reading goes on until the end of file shows.
    func isAlive() -> Bool {
        do {
            for _ in 0..<16 {
                guard try link.poll(POLLIN, milliseconds: 0) != 0 else { break }
                try link.consumeInput()
            }
        } catch {
            return false
        }
        return !link.isBroken && PQstatus(link.connection) == CONNECTION_OK
    }

    /// Lends the session for the duration of `body` and returns whether it may be lent again.
    func lend(_ body: (PostgresSession) -> Void) -> Bool {
        isLent = true
        deadline = standardDeadline
        body(self)
        isLent = false
        return !link.isBroken && PQtransactionStatus(link.connection) == PQTRANS_IDLE
    }

    /// Runs one statement and returns all its rows.
    ///
    /// - Throws: `PostgresError`.
    @discardableResult
    package func execute(_ statement: Statement, _ parameters: [Parameter] = []) throws -> Rows {
        let limit = try begin()
        return try noting(statement) {
            try send(statement, BoundParameters(parameters), until: limit)
            return try link.collect(until: limit)
        }
    }

    /// Runs a text of several statements, in one transaction unless the text holds BEGIN and COMMIT.
    ///
    /// For migrations: the text is part of the program, never built from data.
    package func executeScript(_ utf8: [UInt8]) throws {
        precondition(!utf8.contains(0), "a script has no zero bytes")
        let limit = try begin()
        try noting(nil) {
            try (utf8 + [0]).withUnsafeBytes { bytes in
                try link.sent(PQsendQuery(link.connection, bytes.bindMemory(to: CChar.self).baseAddress))
            }
            try link.flush(until: limit)
            _ = try link.collect(until: limit)
        }
    }

    /// Runs a text of several statements, in one transaction unless the text holds BEGIN and COMMIT.
    package func executeScript(_ text: String) throws { try executeScript(Array(text.utf8)) }

    /// Checks that a statement can begin and returns the moment it must have ended.
    func begin() throws -> Deadline {
        precondition(isLent, "a session is used inside its closure only")
        precondition(!isStreaming, "no other statement while rows are being streamed")
        try checkUsable()
        return Deadline(after: deadline)
    }

    func checkUsable() throws {
        guard !link.isBroken else { throw PostgresError.connection("the connection was lost before") }
    }

    /// Remembers the server's error for COMMIT, and forgets the prepared form of a statement that went stale.
    func noting<R>(_ statement: Statement?, _ body: () throws -> R) throws -> R {
        do { return try body() } catch let error as PostgresError {
            if transactionFailure == nil { transactionFailure = error }
            if let statement { forgetIfStale(statement, error) }
            throw error
        }
    }

    /// Forgets the prepared form of a statement when the error says that it no longer holds.
    ///
    /// After a migration that is "cached plan must not change result type" (0A000), behind a pooler an unknown name.
    func forgetIfStale(_ statement: Statement, _ error: PostgresError) {
        guard let state = error.state else { return }
        let stale: Set<SQLState> = [.featureNotSupported, .invalidStatementName, .duplicateStatement]
        if stale.contains(state) { prepared[statement] = nil }
    }

    /// Subscribes to notifications on a channel, an identifier of lower-case letters, digits and underscores; does nothing
    /// when this session did so before.
    package func listen(channel: StaticString) throws {
        let name = channel.description
        precondition(
            !name.isEmpty && name.utf8.count < 64
                && name.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 95 })
        guard !channels.contains(name) else { return }
        try executeScript("LISTEN \"\(name)\"")
        channels.insert(name)
    }

    /// Waits for a notification on any channel listened to and returns whether one came; several count as one.
    ///
    /// - Throws: `.abandoned`, or `.connection` when the server went away.
    package func waitForNotification(timeoutMilliseconds: Int) throws -> Bool {
        _ = try begin()
        let limit = Deadline(after: .milliseconds(timeoutMilliseconds))
        while true {
            try link.consumeInput()
            if takeNotifications() { return true }
            let remaining = limit.remainingMilliseconds
            guard remaining != 0 else { return false }
            _ = try link.poll(POLLIN, milliseconds: remaining)
        }
    }

    private func takeNotifications() -> Bool {
        var found = false
        while let notification = PQnotifies(link.connection) {
            PQfreemem(notification)
            found = true
        }
        return found
    }
}

/// A statement prepared on the server, for the parameter types it was first used with.
struct PreparedStatement {
    let name: String
    let types: [UInt32]

    /// Whether parameters of these types can be bound; NULLs have no type and always can.
    func accepts(_ other: [UInt32]) -> Bool {
        types.count == other.count && zip(types, other).allSatisfy { $0 == $1 || $1 == 0 }
    }
}

extension PostgresSession {
    /// The prepared form of a statement that accepts these types, if there is one.
    func preparedForm(of statement: Statement, types: [UInt32]) -> PreparedStatement? {
        prepared[statement]?.first { $0.accepts(types) }
    }

    /// Sends the preparation of a statement; `remember` it once the server has agreed.
    func sendPreparation(of statement: Statement, types: [UInt32]) throws -> PreparedStatement {
        preparedCount += 1
        let form = PreparedStatement(name: "\(statement.name)_\(preparedCount)", types: types)
        try statement.withCString { sql in
            try link.sent(PQsendPrepare(link.connection, form.name, sql, Int32(types.count), types))
        }
        return form
    }

    func remember(_ form: PreparedStatement, of statement: Statement) {
        prepared[statement, default: []].append(form)
    }

    /// Sends a statement's execution, preparing it first where that is wanted and still to be done.
    private func send(_ statement: Statement, _ parameters: BoundParameters, until limit: Deadline) throws {
        if statement.isPrepared {
            let form: PreparedStatement
            if let known = preparedForm(of: statement, types: parameters.types) {
                form = known
            } else {
                form = try sendPreparation(of: statement, types: parameters.types)
                try link.flush(until: limit)
                _ = try link.collect(until: limit)
                remember(form, of: statement)
            }
            try sendExecution(of: form, parameters)
        } else {
            try sendUnprepared(statement, parameters)
        }
        try link.flush(until: limit)
    }

    func sendExecution(of form: PreparedStatement, _ parameters: BoundParameters) throws {
        try parameters.withPointers { count, values, lengths, formats in
            try link.sent(PQsendQueryPrepared(link.connection, form.name, count, values, lengths, formats, 1))
        }
    }

    func sendUnprepared(_ statement: Statement, _ parameters: BoundParameters) throws {
        try statement.withCString { sql in
            try parameters.withPointers { count, values, lengths, formats in
                try link.sent(
                    PQsendQueryParams(link.connection, sql, count, parameters.types, values, lengths, formats, 1))
            }
        }
    }

    /// Sends a statement as `execute` does, for those who read the results themselves.
    func sendForStreaming(_ statement: Statement, _ parameters: [Parameter], until limit: Deadline) throws {
        try send(statement, BoundParameters(parameters), until: limit)
    }
}
