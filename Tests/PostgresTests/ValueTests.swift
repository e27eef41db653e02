import ParapluTesting
import Postgres
import Testing

@Suite("Values")
struct ValueTests {
    @Test("every type comes back as it was bound")
    func roundTrip() async throws {
        let echo = Statement(
            """
            SELECT $1::int2, $2::int4, $3::int8, $4::bool, $5::text, $6::bytea, $7::date, $8::timestamptz, $9::uuid,
                   $10::json, $11::jsonb, $12::text[], $13::text
            """)
        var texts = BinaryArray(.text)
        for text in ["a", "", "é\"{},\\"] { texts.append(text: text) }
        let bound = texts

        let row = try await TestDatabase.withConnection { connection in
            try await connection.run { session in
                try session.execute(
                    echo,
                    [
                        .int2(-2), .int4(.min), .int8(.max), .bool(true), .text("één 'paraplu'"), .bytes([0, 255, 39]),
                        .date(-1), .timestamp(86_400_000_001), .uuid(1, .max), .json(Array("[1]".utf8)),
                        .jsonb(Array("{\"a\": 1}".utf8)), .array(bound), .text(""),
                    ])[0]
            }
        }

        #expect(row.int2(0) == -2)
        #expect(row.int4(1) == .min)
        #expect(row.int8(2) == .max)
        #expect(row.int8(1) == Int64(Int32.min))
        #expect(row.bool(3))
        #expect(row.string(4) == "één 'paraplu'")
        #expect(row.bytes(5) == [0, 255, 39])
        #expect(row.date(6) == -1)
        #expect(row.timestamp(7) == 86_400_000_001)
        #expect(row.uuid(8) == (1, .max))
        #expect(row.string(9) == "[1]")
        #expect(row.bytes(10) == Array("{\"a\": 1}".utf8))
        #expect(row.textArray(11) == ["a", "", "é\"{},\\"])
        #expect(row.string(12) == "" && !row.isNull(12))
    }

    @Test("the server reads the bytes as the values that were meant")
    func meaning() async throws {
        let compare = Statement(
            """
            SELECT $1 = DATE '2026-03-01', $2 = TIMESTAMPTZ '2000-01-02 00:00:00.000001Z',
                   $3 = UUID '00000000-0000-0001-ffff-000000000002', $4 = '{"a": [1]}'::jsonb
            """)

        let row = try await TestDatabase.withConnection { connection in
            try await connection.run { session in
                try session.execute(
                    compare,
                    [
                        .date(9556), .timestamp(86_400_000_001), .uuid(1, 0xFFFF_0000_0000_0002),
                        .jsonb(Array("{\"a\":[1]}".utf8)),
                    ])[0]
            }
        }

        #expect((0..<4).map { row.bool($0) } == [true, true, true, true])
    }

    @Test("NULL is bound and read for every type")
    func nulls() async throws {
        let echo = Statement(
            """
            SELECT $1::int2, $2::int4, $3::int8, $4::bool, $5::text, $6::bytea, $7::date, $8::timestamptz, $9::uuid,
                   $10::text[]
            """)

        let row = try await TestDatabase.withConnection { connection in
            try await connection.run { try $0.execute(echo, Array(repeating: .null, count: 10))[0] }
        }

        #expect((0..<10).allSatisfy { row.isNull($0) })
        #expect(row.int2OrNil(0) == nil && row.int4OrNil(1) == nil && row.int8OrNil(2) == nil)
        #expect(row.boolOrNil(3) == nil && row.stringOrNil(4) == nil && row.bytesOrNil(5) == nil)
        #expect(row.dateOrNil(6) == nil && row.timestampOrNil(7) == nil && row.uuidOrNil(8) == nil)
        #expect(row.textArrayOrNil(9) == nil)
    }

    @Test("arrays of every type unnest with their NULLs")
    func arrays() async throws {
        let unnest = Statement(
            """
            SELECT count(*), count(a), count(b), count(c), count(d), count(e), count(f), count(g), count(h), count(i),
                   count(j), sum(c)::int8, string_agg(e, ',')
            FROM unnest($1::int2[], $2::int4[], $3::int8[], $4::bool[], $5::text[], $6::bytea[], $7::date[],
                        $8::timestamptz[], $9::uuid[], $10::jsonb[]) AS t (a, b, c, d, e, f, g, h, i, j)
            """)
        let types: [ElementType] = [
            .int2, .int4, .int8, .bool, .text, .bytea, .date, .timestamptz, .uuid, .jsonb,
        ]
        let arrays = types.map { type in
            var array = BinaryArray(type)
            for index in 1...3 {
                switch type {
                case .int2: array.append(int2: Int16(index))
                case .int4: array.append(int4: Int32(index))
                case .int8: array.append(int8: Int64(index))
                case .bool: array.append(bool: true)
                case .text: array.append(text: "t\(index)")
                case .bytea: array.append(bytes: [0, 1])
                case .date: array.append(date: 1)
                case .timestamptz: array.append(timestamp: 1)
                case .uuid: array.append(uuidHigh: 1, low: 2)
                case .json, .jsonb: array.append(jsonb: Array("{}".utf8))
                }
            }
            array.appendNull()
            return array
        }

        let row = try await TestDatabase.withConnection { connection in
            try await connection.run { try $0.execute(unnest, arrays.map { .array($0) })[0] }
        }

        #expect(row.int8(0) == 4)
        for column in 1...10 { #expect(row.int8(column) == 3) }
        #expect(row.int8(11) == 6)
        #expect(row.string(12) == "t1,t2,t3")
    }

    @Test("an empty array matches nothing")
    func emptyArray() async throws {
        let count = Statement("SELECT count(*) FROM generate_series(1, 3) AS n WHERE n = ANY ($1)")

        let found = try await TestDatabase.withConnection { connection in
            try await connection.run { try $0.execute(count, [.array(BinaryArray(.int4))])[0].int8(0) }
        }

        #expect(found == 0)
    }
}
