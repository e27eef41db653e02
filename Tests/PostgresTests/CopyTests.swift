import ParapluTesting
import Postgres
import Testing

@Suite("COPY")
struct CopyTests {
    private static let create = Statement(
        """
        CREATE TABLE item (n int8 PRIMARY KEY CHECK (n >= 0), small int2, medium int4, flag bool, label text,
            payload bytea, id uuid, day date, moment timestamptz, extra jsonb, tags text[])
        """, prepare: false)
    private static let copy = Statement("COPY item FROM STDIN (FORMAT binary)", prepare: false)

    private static func rows(_ numbers: Range<Int64>) -> CopyBuffer {
        var rows = CopyBuffer()
        for number in numbers {
            rows.beginRow(columns: 11)
            rows.append(int8: number)
            rows.append(int2: 2)
            rows.append(int4: 4)
            rows.append(bool: true)
            rows.append(text: "row \(number) \"quoted\" 'twice' \\ \t\n")
            rows.append(bytes: [0, 0x0A, 0x5C, 0xFF])
            rows.append(uuidHigh: 7, low: UInt64(number))
            rows.append(date: 1)
            rows.append(timestamp: number)
            rows.append(jsonb: Array("{\"n\": \(number)}".utf8))
            if number % 2 == 0 { rows.append(textArray: ["a", "\"b\""]) } else { rows.appendNull() }
        }
        return rows
    }

    @Test("ten thousand rows arrive as they were written")
    func manyRows() async throws {
        let select = Statement(
            "SELECT *, count(*) OVER (), (extra->>'n')::int8 FROM item ORDER BY n LIMIT 1 OFFSET 4242")

        let (loaded, row) = try await TestDatabase.withConnection { connection in
            try await connection.run { session in
                try session.execute(Self.create)
                return (try session.copyIn(Self.copy, Self.rows(0..<10_000)), try session.execute(select)[0])
            }
        }

        #expect(loaded == 10_000)
        #expect(row.int8(0) == 4242 && row.int2(1) == 2 && row.int4(2) == 4 && row.bool(3))
        #expect(row.string(4) == "row 4242 \"quoted\" 'twice' \\ \t\n")
        #expect(row.bytes(5) == [0, 0x0A, 0x5C, 0xFF])
        #expect(row.uuid(6) == (7, 4242))
        #expect(row.date(7) == 1 && row.timestamp(8) == 4242)
        #expect(row.textArray(10) == ["a", "\"b\""])
        #expect(row.int8(11) == 10_000 && row.int8(12) == 4242)
    }

    @Test("a refused row loads nothing and leaves the session usable", arguments: [0..<2, 0..<20_000])
    func refusedRow(_ numbers: Range<Int64>) async throws {
        var rows = Self.rows(numbers)
        rows.beginRow(columns: 11)
        rows.append(int8: -1)
        for _ in 0..<10 { rows.appendNull() }
        let refused = rows

        try await TestDatabase.withConnection { connection in
            try await connection.run { session in
                try session.execute(Self.create)
                let process = session.backendPID
                let error = failure { try session.copyIn(Self.copy, refused) }
                #expect(error?.state == .checkViolation)
                let rest = try session.execute(Statement("SELECT count(*) FROM item"))[0].int8(0)
                #expect(rest == 0)
                let taken = try session.copyIn(Self.copy, Self.rows(0..<3))
                #expect(taken == 3)
                #expect(session.backendPID == process)
            }
        }
    }

    @Test("a value of the wrong size is a data error")
    func wrongSize() async throws {
        try await TestDatabase.withConnection { connection in
            try await connection.run { session in
                try session.execute(Statement("CREATE TABLE narrow (n int4)", prepare: false))
                var rows = CopyBuffer()
                rows.beginRow(columns: 1)
                rows.append(int8: 1)
                let copy = Statement("COPY narrow FROM STDIN (FORMAT binary)")
                let error = failure { try session.copyIn(copy, rows) }
                #expect(error?.state?.class == .dataException)
            }
        }
    }

    @Test("a statement that is no COPY is refused before any data is sent")
    func noCopy() async throws {
        try await TestDatabase.withConnection { connection in
            let error = await failure {
                try await connection.run {
                    try $0.copyIn(Statement("COPY absent FROM STDIN (FORMAT binary)"), CopyBuffer())
                }
            }
            #expect(error?.state == .undefinedTable)
        }
    }
}
