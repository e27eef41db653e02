internal import CLibPQ

extension PostgresSession {
    /// Hands the rows of a statement to `body` one by one, with at most `fetch` of them in memory.
    ///
    /// `body` runs while the statement is under way, so it can't use the session. When it throws, the server is asked to
    /// cancel, which aborts a surrounding transaction.
    ///
    /// - Parameter fetch: rows per result where libpq can (17 and later); earlier ones fetch row by row.
    /// - Throws: what `body` throws, or `PostgresError`, also after some rows were handed over.
    /// - Source: PostgreSQL manual, 34.6 "Retrieving Query Results in Chunks".
    package func forEachRow(
        _ statement: Statement, _ parameters: [Parameter] = [], fetch: Int = 1000, _ body: (Row) throws -> Void
    ) throws {
        precondition(fetch > 0, "at least one row at a time")
        let limit = try begin()
        isStreaming = true
        defer { isStreaming = false }
        try noting(statement) {
            try sendForStreaming(statement, parameters, until: limit)
            guard clibpq_set_streaming(link.connection, Int32(clamping: fetch)) == 1 else { throw link.lost() }
            var failure: PostgresError?
            while let result = try link.nextResult(until: limit) {
                if let error = link.error(of: result) {
                    failure = failure ?? error
                    if link.isBroken { break }
                    continue
                }
                do { for row in Rows(result) { try body(row) } } catch {
                    endStream()
                    throw error
                }
            }
            if let failure { throw failure }
        }
    }

    /// Cancels the statement and drops the rows still under way, or gives the connection up.
    private func endStream() {
        do {
            // Waiting for the request to be taken keeps it from hitting the next statement instead.
            guard let canceller = link.canceller, canceller.requestAndWait(milliseconds: 2000) else {
                return link.abandonState()
            }
            let limit = Deadline(after: .seconds(10))
            while try link.nextResult(until: limit) != nil {}
        } catch {
            link.abandonState()
        }
    }
}
