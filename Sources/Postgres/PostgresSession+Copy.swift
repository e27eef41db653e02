internal import CLibPQ

extension PostgresSession {
    /// Loads the rows of a buffer with one `COPY … FROM STDIN (FORMAT binary)` and returns how many the server took.
    ///
    /// The buffer stays as it is. It goes out in slices, so that libpq never holds a second copy of all of it. Outside
    /// a transaction the COPY is one of its own.
    ///
    /// - Throws: `PostgresError.server` when a row is refused: then none was loaded and the session goes on.
    /// - Source: PostgreSQL manual, 34.10.1 "Functions for Sending COPY Data".
    @discardableResult
    package func copyIn(_ statement: Statement, _ buffer: CopyBuffer) throws -> Int {
        let limit = try begin()
        return try noting(nil) {
            try sendUnprepared(statement, BoundParameters([]))
            try link.flush(until: limit)
            try awaitCopyStart(until: limit)
            try Self.header.withUnsafeBytes { try put($0, until: limit) }
            try buffer.fields.withBytes { bytes in
                var start = 0
                while start < bytes.count {
                    let end = min(start + Self.sliceBytes, bytes.count)
                    try put(UnsafeRawBufferPointer(rebasing: bytes[start..<end]), until: limit)
                    start = end
                }
            }
            try Self.trailer.withUnsafeBytes { try put($0, until: limit) }
            try endCopy(until: limit)
            return try link.collect(until: limit).affected
        }
    }

    /// Reads up to the server's agreement to take data.
    private func awaitCopyStart(until limit: Deadline) throws {
        guard let result = try link.nextResult(until: limit) else { throw link.violation("no answer to COPY") }
        guard result.status != PGRES_COPY_IN else {
            guard PQbinaryTuples(result.pointer) == 1 else { throw link.violation("COPY is not FORMAT binary") }
            return
        }
        let failure = link.error(of: result) ?? link.violation("the statement is not COPY … FROM STDIN")
        if !link.isBroken { while try link.nextResult(until: limit) != nil {} }
        throw failure
    }

    /// Queues a slice and sends it: "zero if not queued because of full buffers", then it's tried again.
    private func put(_ bytes: UnsafeRawBufferPointer, until limit: Deadline) throws {
        let characters = bytes.bindMemory(to: CChar.self).baseAddress
        while true {
            let outcome = PQputCopyData(link.connection, characters, Int32(bytes.count))
            guard outcome >= 0 else { throw link.lost() }
            try link.flush(until: limit)
            if outcome == 1 { return }
        }
    }

    private func endCopy(until limit: Deadline) throws {
        while true {
            let outcome = PQputCopyEnd(link.connection, nil)
            guard outcome >= 0 else { throw link.lost() }
            try link.flush(until: limit)
            if outcome == 1 { return }
        }
    }

    /// Small enough to keep libpq's own buffer small, large enough to cost few calls.
    private static let sliceBytes = 256 * 1024

    /// The signature, no flags and no extension.
    private static let header: [UInt8] =
        Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0] + [UInt8](repeating: 0, count: 8)

    /// A row of -1 columns.
    private static let trailer: [UInt8] = [0xFF, 0xFF]
}
