import Foundation
import Postgres

/// The journal's rows of the run once more, by COPY alone into tables with the same columns, keys and indexes.
///
/// The measure of how far the daemon is from what PostgreSQL can take in: one connection, one transaction per commit of
/// the daemon's with exactly its rows, in the daemon's order (payloads, entries, facts). Only the transactions count, so
/// that reading the rows back in is not held against COPY.
struct CopyBaseline {
    let database: BenchDatabase
    let report: Report

    /// How often it is measured; the best counts, and the spread tells how steady the machine was.
    private static let runs = 2

    private static let perCommit = Statement(
        """
        SELECT e.commit, count(*), count(p.stream_id), coalesce(sum(e.records) FILTER (WHERE e.outcome IN (1, 3, 5)), 0)::bigint
        FROM journal.entry AS e JOIN journal.stream AS s USING (stream_id)
        LEFT JOIN journal.payload AS p USING (stream_id, position)
        WHERE s.kind = 'partition' GROUP BY e.commit ORDER BY e.commit
        """)
    private static let directory = Statement("SELECT setting FROM pg_settings WHERE name = 'data_directory'")
    private static let copies = [
        Statement("COPY again.payload FROM STDIN (FORMAT binary)"),
        Statement("COPY again.entry FROM STDIN (FORMAT binary)"),
        Statement("COPY again.fact FROM STDIN (FORMAT binary)"),
    ]

    /// Messages per second, the best of the runs.
    func run(_ options: BenchOptions) throws -> Double {
        var rates: [Double] = []
        let (commits, directory) = try database.connection.runBlocking { session in
            session.deadline = .seconds(1200)
            let directory = try session.execute(CopyBaseline.directory).first?.string(0) ?? ""
            try session.executeScript(CopyBaseline.dumpScript)
            let commits = try session.execute(CopyBaseline.perCommit).map { row in (1...3).map { Int(row.int8($0)) } }
            return (commits, directory)
        }
        let messages = commits.reduce(0) { $0 + $1[0] }
        for run in 1...CopyBaseline.runs {
            var files = try ["payload", "entry", "fact"].map { try BinaryRows(path: "\(directory)/bench-\($0)") }
            let order = [1, 0, 2]
            let seconds = try database.connection.runBlocking { session in
                session.deadline = .seconds(1200)
                try session.executeScript(CopyBaseline.tables)
                try session.executeScript("CHECKPOINT")
                var seconds = 0.0
                for counts in commits {
                    let buffers = try files.indices.map { try files[$0].next(counts[order[$0]]) }
                    let start = Usage.now
                    try session.transaction {
                        for (statement, buffer) in zip(CopyBaseline.copies, buffers) {
                            try session.copyIn(statement, buffer)
                        }
                    }
                    seconds += Usage.now - start
                }
                return seconds
            }
            guard files.allSatisfy(\.isAtEnd) else { throw BenchFailure("COPY had rows left over") }
            report.say("COPY, run \(run): \(messages) messages in \(String(format: "%.2f", seconds)) s")
            rates.append(Double(messages) / seconds)
        }
        report.figure("copy_spread", (rates.max() ?? 0) / max(1, rates.min() ?? 1), unit: "best to worst")
        try check()
        return rates.max() ?? 0
    }

    /// Whether both hold the same number of rows and bytes, tables and indexes alike to a few percent.
    private func check() throws {
        let sizes = try database.numbers(
            """
            SELECT (SELECT count(*) FROM again.entry), (SELECT count(*) FROM again.fact),
                (SELECT count(*) FROM again.payload),
                (SELECT count(*) FROM journal.entry AS e JOIN journal.stream AS s USING (stream_id) WHERE s.kind = 'partition'),
                (SELECT count(*) FROM journal.fact AS f JOIN journal.stream AS s USING (stream_id) WHERE s.kind = 'partition'),
                (SELECT count(*) FROM journal.payload AS p JOIN journal.stream AS s USING (stream_id) WHERE s.kind = 'partition'),
                pg_total_relation_size('again.entry') + pg_total_relation_size('again.fact')
                    + pg_total_relation_size('again.payload_all'),
                pg_total_relation_size('journal.entry') + pg_total_relation_size('journal.fact')
                    + (SELECT sum(pg_total_relation_size(inhrelid))::bigint FROM pg_inherits WHERE inhparent = 'journal.payload'::regclass)
            """, columns: 8)[0]
        report.check(
            "COPY took the journal's rows", Array(sizes[0..<3]) == Array(sizes[3..<6]), "\(sizes)")
        report.figure(
            "journal_bytes", Double(sizes[7]), unit: "B",
            ["copied_bytes": Double(sizes[6]), "rows": Double(sizes[3] + sizes[4] + sizes[5])])
    }

    private static let tables = """
        DROP SCHEMA IF EXISTS again CASCADE;
        CREATE SCHEMA again;
        CREATE TABLE again.entry (LIKE journal.entry INCLUDING ALL);
        CREATE TABLE again.fact (LIKE journal.fact INCLUDING ALL);
        CREATE TABLE again.payload (LIKE journal.payload INCLUDING ALL) PARTITION BY RANGE (retention_months, stored_on);
        CREATE TABLE again.payload_all PARTITION OF again.payload FOR VALUES FROM (MINVALUE, MINVALUE) TO (MAXVALUE, MAXVALUE);
        """

    /// Into the server's own directory: a place that it can write and whoever runs the benchmark can read.
    private static let dumpScript = """
        COPY (SELECT p.* FROM journal.payload AS p JOIN journal.entry AS e USING (stream_id, position)
            JOIN journal.stream AS s USING (stream_id) WHERE s.kind = 'partition' ORDER BY e.commit, e.n)
            TO PROGRAM 'cat >bench-payload' (FORMAT binary);
        COPY (SELECT e.* FROM journal.entry AS e JOIN journal.stream AS s USING (stream_id) WHERE s.kind = 'partition'
            ORDER BY e.commit, e.n) TO PROGRAM 'cat >bench-entry' (FORMAT binary);
        COPY (SELECT f.* FROM journal.fact AS f JOIN journal.stream AS s USING (stream_id) WHERE s.kind = 'partition'
            ORDER BY f.commit, f.n, f.record) TO PROGRAM 'cat >bench-fact' (FORMAT binary);
        """
}

/// A file of COPY's binary format, row by row.
///
/// Source: PostgreSQL manual, COPY, "Binary Format".
struct BinaryRows {
    private let data: Data
    private var offset: Int

    init(path: String) throws {
        data = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
        guard data.starts(with: Array("PGCOPY\n".utf8)) else { throw BenchFailure("\(path) is no binary COPY") }
        // Signature (11), flags (4), length of the extension (4), which is 0.
        offset = 19
    }

    /// Whether the trailer comes next.
    var isAtEnd: Bool { integer(Int16.self, at: offset) == -1 }

    /// The next rows, ready to be copied in.
    mutating func next(_ count: Int) throws -> CopyBuffer {
        var buffer = CopyBuffer()
        try data.withUnsafeBytes { bytes in
            for _ in 0..<count {
                let columns = Int(bytes.loadUnaligned(fromByteOffset: offset, as: Int16.self).bigEndian)
                guard columns > 0 else { throw BenchFailure("the dump has fewer rows than its commits") }
                offset += 2
                buffer.beginRow(columns: columns)
                for _ in 0..<columns {
                    let length = Int(bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self).bigEndian)
                    offset += 4
                    guard length >= 0 else {
                        buffer.appendNull()
                        continue
                    }
                    buffer.append(bytes: UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + length]))
                    offset += length
                }
            }
        }
        return buffer
    }

    private func integer<Number: FixedWidthInteger>(_ type: Number.Type, at offset: Int) -> Number {
        data.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: type).bigEndian }
    }
}
