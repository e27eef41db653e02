internal import CLibPQ

/// What a transaction sees and may do.
package enum TransactionIsolation: Hashable, Sendable {
    case readCommitted, readCommittedReadOnly, repeatableRead, repeatableReadReadOnly, serializable

    var begin: Statement {
        switch self {
        case .readCommitted: Statement("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE", prepare: false)
        case .readCommittedReadOnly: Statement("BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY", prepare: false)
        case .repeatableRead: Statement("BEGIN ISOLATION LEVEL REPEATABLE READ READ WRITE", prepare: false)
        case .repeatableReadReadOnly: Statement("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", prepare: false)
        case .serializable: Statement("BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE", prepare: false)
        }
    }
}

extension PostgresSession {
    /// Runs `body` between BEGIN and COMMIT; any error rolls back and is thrown on.
    ///
    /// An error of the server that `body` swallowed has aborted the transaction all the same, and is thrown at its end.
    ///
    /// - Throws: what `body` throws; `PostgresError.commitUnknown` when the connection is lost, abandoned or out of time
    ///   while COMMIT is under way: then the caller must look in the database before it repeats anything.
    @discardableResult
    package func transaction<T>(
        isolation: TransactionIsolation = .readCommitted, _ body: () throws -> T
    ) throws -> T {
        precondition(!isInTransaction, "transactions do not nest")
        try execute(isolation.begin)
        isInTransaction = true
        transactionFailure = nil
        defer { isInTransaction = false }
        let value: T
        do {
            value = try body()
        } catch {
            rollBack()
            throw error
        }
        try checkUsable()
        guard PQtransactionStatus(link.connection) == PQTRANS_INTRANS else {
            let failure = transactionFailure ?? .protocolViolation("the transaction ended before its COMMIT")
            rollBack()
            throw failure
        }
        try commit()
        return value
    }

    private func commit() throws {
        let tag: String
        do {
            tag = try execute(Statement("COMMIT", prepare: false)).result.commandTag
        } catch let error as PostgresError {
            // An ordinary error (a deferred constraint, a serialization failure) says that nothing was committed.
            throw link.isBroken ? PostgresError.commitUnknown : error
        }
        guard tag == "COMMIT" else { throw transactionFailure ?? .protocolViolation("COMMIT answered \(tag)") }
    }

    /// Rolls back, or gives the connection up, which comes to the same.
    private func rollBack() {
        guard !link.isBroken, PQtransactionStatus(link.connection) != PQTRANS_IDLE else { return }
        let before = deadline
        deadline = .seconds(10)
        defer { deadline = before }
        do { try execute(Statement("ROLLBACK", prepare: false)) } catch { link.abandonState() }
    }
}
