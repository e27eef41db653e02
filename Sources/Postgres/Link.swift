internal import CLibPQ
internal import Glibc

/// One libpq connection, driven by calls that never block: every wait is a `poll` on its socket, a deadline and the
/// owner's abandonment.
///
/// Used by one thread at a time. Once broken it is only good for closing.
final class Link {
    let connection: OpaquePointer
    private let abandonment: Abandonment
    private(set) var canceller: Canceller?
    /// Whether the connection can't be used any more: lost, left in the middle of something, or abandoned.
    private(set) var isBroken = false

    /// Connects; one attempt for each host where there are several.
    ///
    /// - Throws: `PostgresError.connection`, `.timedOut` or `.abandoned`.
    static func connect(_ configuration: PostgresConfiguration, _ abandonment: Abandonment) throws -> Link {
        guard abandonment.descriptor >= 0 else { throw PostgresError.connection("no file descriptor left") }
        var failure = PostgresError.timedOut
        for parameters in configuration.attempts {
            do {
                let link = try Link(parameters, abandonment)
                try link.establish(until: Deadline(after: configuration.connectTimeout))
                return link
            } catch PostgresError.timedOut {
                failure = .timedOut
            }
        }
        throw failure
    }

    private init(_ parameters: [String: String], _ abandonment: Abandonment) throws {
        var all = parameters
        all["client_encoding"] = "UTF8"
        let pairs = all.map { (strdup($0.key), strdup($0.value)) }
        defer {
            for (key, value) in pairs {
                free(key)
                free(value)
            }
        }
        let keys = pairs.map { UnsafePointer<CChar>($0.0) } + [nil]
        let values = pairs.map { UnsafePointer<CChar>($0.1) } + [nil]
        guard let connection = PQconnectStartParams(keys, values, 0) else {
            throw PostgresError.connection("no memory for a connection")
        }
        self.connection = connection
        self.abandonment = abandonment
    }

    /// "Even if the server connection attempt fails, the application should call PQfinish to free the memory used"; it
    /// says goodbye to the server without waiting.
    deinit { PQfinish(connection) }

    /// Follows `PQconnectPoll` to its end.
    ///
    /// - Source: PostgreSQL manual, 34.1.1, `PQconnectStartParams`: the first wait is for writing, and the socket may
    ///   change between calls.
    private func establish(until deadline: Deadline) throws {
        guard PQstatus(connection) != CONNECTION_BAD else { throw lost() }
        PQsetNoticeReceiver(connection, { _, _ in }, nil)
        var state = PGRES_POLLING_WRITING
        while state != PGRES_POLLING_OK {
            if state == PGRES_POLLING_FAILED { throw lost() }
            _ = try wait(state == PGRES_POLLING_READING ? POLLIN : POLLOUT, until: deadline)
            state = PQconnectPoll(connection)
        }
        guard PQsetnonblocking(connection, 1) == 0 else { throw lost() }
        canceller = Canceller(connection)
    }

    /// Waits until the socket is ready for one of `events` and returns those it is ready for.
    ///
    /// - Throws: `.abandoned` or `.timedOut`, after which the link is broken.
    @discardableResult
    func wait(_ events: Int32, until deadline: Deadline) throws -> Int32 {
        while true {
            let ready = try poll(events, milliseconds: deadline.remainingMilliseconds)
            if ready != 0 { return ready }
            guard deadline.remainingMilliseconds != 0 else {
                isBroken = true
                canceller?.request()
                throw PostgresError.timedOut
            }
        }
    }

    /// Waits at most so long, -1 meaning no limit; returns 0 when the time is over or a signal came.
    func poll(_ events: Int32, milliseconds: Int32) throws -> Int32 {
        let socket = PQsocket(connection)
        guard socket >= 0 else { throw lost() }
        var entries = (
            pollfd(fd: socket, events: Int16(events), revents: 0),
            pollfd(fd: abandonment.descriptor, events: Int16(POLLIN), revents: 0)
        )
        let count = withUnsafeMutableBytes(of: &entries) { bytes in
            Glibc.poll(bytes.bindMemory(to: pollfd.self).baseAddress, 2, milliseconds)
        }
        guard count >= 0 || errno == EINTR else { throw lost() }
        guard count > 0 else { return 0 }
        if entries.1.revents != 0 {
            isBroken = true
            throw PostgresError.abandoned
        }
        // Errors and hang-ups count as readiness: libpq finds out what they are.
        let ready = Int32(entries.0.revents)
        return ready & (POLLERR | POLLHUP | POLLNVAL) != 0 ? events : ready
    }

    /// The error of a failed libpq call; the link is broken from here on.
    func lost() -> PostgresError {
        isBroken = true
        let text = PQerrorMessage(connection).map { String(cString: $0) } ?? ""
        let line = text.split(separator: "\n").first.map(String.init) ?? "the connection is lost"
        return .connection(line)
    }

    /// The error of messages out of order; the link is broken from here on.
    func violation(_ text: String) -> PostgresError {
        isBroken = true
        return .protocolViolation(text)
    }

    /// Gives the connection up, without a reason of its own.
    func abandonState() { isBroken = true }
}

extension Link {
    /// Throws when a `PQsend…` call was refused.
    func sent(_ outcome: Int32) throws {
        guard outcome == 1 else { throw lost() }
    }

    /// Sends everything that is buffered, reading what comes in meanwhile so that neither side waits for the other.
    ///
    /// - Source: PostgreSQL manual, 34.4, `PQflush`: "wait for the socket to become read- or write-ready. If it becomes
    ///   write-ready, call PQflush again. If it becomes read-ready, call PQconsumeInput, then call PQflush again."
    func flush(until deadline: Deadline) throws {
        while true {
            switch PQflush(connection) {
            case 0: return
            case 1:
                let ready = try wait(POLLIN | POLLOUT, until: deadline)
                if ready & POLLIN != 0 { try consumeInput() }
            default: throw lost()
            }
        }
    }

    func consumeInput() throws {
        guard PQconsumeInput(connection) == 1 else { throw lost() }
    }

    /// The next result, or nil at the end of a statement's results.
    func nextResult(until deadline: Deadline) throws -> ResultHandle? {
        while PQisBusy(connection) != 0 {
            try wait(POLLIN, until: deadline)
            try consumeInput()
        }
        return PQgetResult(connection).map { ResultHandle($0) }
    }

    /// What a result says went wrong, or nil; a fatal one breaks the link.
    func error(of result: ResultHandle) -> PostgresError? {
        switch result.status {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY, PGRES_SINGLE_TUPLE, PGRES_PIPELINE_SYNC: return nil
        case PGRES_FATAL_ERROR:
            guard let error = result.serverError else { return lost() }
            if result.isFatal { isBroken = true }
            return error
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
            return violation("COPY where no COPY was expected")
        default:
            return result.isPartOfStream ? nil : violation("an unexpected kind of result")
        }
    }

    /// Reads a statement's results to their end and returns the last.
    ///
    /// - Throws: the first error among them, the connection being ready for the next statement unless it is broken.
    func collect(until deadline: Deadline) throws -> Rows {
        var last: ResultHandle?
        var failure: PostgresError?
        while let result = try collected(failure, nextResult: { try nextResult(until: deadline) }) {
            if let error = error(of: result) {
                failure = failure ?? error
                if isBroken { break }
            }
            last = result
        }
        if let failure { throw failure }
        guard let last else { throw violation("no result") }
        return Rows(last)
    }

    /// The next result; when the server has given its reason already, that is thrown rather than the lost connection.
    private func collected(
        _ failure: PostgresError?, nextResult: () throws -> ResultHandle?
    ) throws -> ResultHandle? {
        do { return try nextResult() } catch { throw failure ?? error }
    }
}
