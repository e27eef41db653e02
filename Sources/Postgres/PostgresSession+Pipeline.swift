internal import CLibPQ

extension PostgresSession {
    /// Runs several statements in one round trip and returns their rows in the same order.
    ///
    /// Inside a transaction they are part of it; outside they are one of their own. All results are held in memory. After
    /// an error the server skips the rest, and the session goes on.
    ///
    /// - Throws: the error of the first statement that failed.
    /// - Source: PostgreSQL manual, 34.5 "Pipeline Mode".
    package func pipeline(_ calls: [(Statement, [Parameter])]) throws -> [Rows] {
        let limit = try begin()
        guard !calls.isEmpty else { return [] }
        guard PQenterPipelineMode(link.connection) == 1 else { throw link.lost() }
        var steps: [PipelineStep] = []
        do {
            for (statement, parameters) in calls { try sendStep(statement, BoundParameters(parameters), &steps) }
            guard PQpipelineSync(link.connection) == 1 else { throw link.lost() }
            try link.flush(until: limit)
            let outcome = try collect(steps, until: limit)
            guard PQexitPipelineMode(link.connection) == 1 else { throw link.lost() }
            return try outcome.get()
        } catch let error as PostgresError {
            if transactionFailure == nil { transactionFailure = error }
            throw error
        }
    }

    private func sendStep(_ statement: Statement, _ parameters: BoundParameters, _ steps: inout [PipelineStep]) throws {
        guard statement.isPrepared else {
            try sendUnprepared(statement, parameters)
            return steps.append(.execution(statement))
        }
        let sentHere = steps.lazy.compactMap { $0.preparation(of: statement, accepting: parameters.types) }.first
        if let form = preparedForm(of: statement, types: parameters.types) ?? sentHere {
            try sendExecution(of: form, parameters)
        } else {
            let form = try sendPreparation(of: statement, types: parameters.types)
            steps.append(.preparation(form, statement))
            try sendExecution(of: form, parameters)
        }
        steps.append(.execution(statement))
    }

    /// Reads the results of each step up to the synchronisation point.
    ///
    /// "PQgetResult returns a null pointer after each query's results"; after a failure the rest are
    /// `PGRES_PIPELINE_ABORTED`.
    private func collect(
        _ steps: [PipelineStep], until limit: Deadline
    ) throws -> Result<[Rows], PostgresError> {
        var rows: [Rows] = []
        var failure: PostgresError?
        for step in steps {
            guard let result = try link.nextResult(until: limit) else { throw link.violation("a result is missing") }
            if result.status != PGRES_PIPELINE_ABORTED {
                if let error = link.error(of: result) {
                    failure = failure ?? error
                    forgetIfStale(step.statement, error)
                    if link.isBroken { throw error }
                } else {
                    switch step {
                    case .preparation(let form, let statement): remember(form, of: statement)
                    case .execution: rows.append(Rows(result))
                    }
                }
            }
            guard try link.nextResult(until: limit) == nil else { throw link.violation("a result too many") }
        }
        guard try link.nextResult(until: limit)?.status == PGRES_PIPELINE_SYNC else {
            throw link.violation("the pipeline does not end")
        }
        return failure.map { .failure($0) } ?? .success(rows)
    }
}

/// What was sent in a pipeline and has a result to come.
private enum PipelineStep {
    case preparation(PreparedStatement, Statement)
    case execution(Statement)

    var statement: Statement {
        switch self {
        case .preparation(_, let statement), .execution(let statement): statement
        }
    }

    func preparation(of statement: Statement, accepting types: [UInt32]) -> PreparedStatement? {
        guard case .preparation(let form, statement) = self, form.accepts(types) else { return nil }
        return form
    }
}
