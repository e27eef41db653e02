package import Digest
package import Postgres

/// Brings a database to the schema that this program was built for, and tells how far it is.
///
/// Migrations are numbered SQL files, forward only, each applied in one transaction with the advisory lock held, so that
/// two that start together do the work once. A database that knows a later migration than the program is refused (F22).
package struct Migrator: Sendable {
    /// One numbered migration.
    package struct Migration: Sendable {
        /// Its number, from 1 on without a gap.
        package let version: Int32
        /// What it is about, as its file is named.
        package let name: String
        /// The script in UTF-8, applied in one transaction.
        package let sql: [UInt8]
        /// The SHA-256 of the script, by which a migration that was altered since is noticed.
        package var digest: SHA256Digest { SHA256.digest(sql) }
    }

    /// What stands between a database and this program.
    package enum Problem: Error, Hashable, Sendable {
        /// The database isn't migrated as far as the program needs.
        case behind(version: Int32, needed: Int32)
        /// The database was migrated by a later program.
        case ahead(version: Int32, known: Int32)
        /// A migration that was applied isn't the one that this program carries.
        case altered(version: Int32)
    }

    /// The migrations of this program, in order.
    package static let all: [Migration] = [
        Migration(version: 1, name: "foundation", sql: PackageResources.v0001_foundation_sql),
        Migration(version: 2, name: "journal", sql: PackageResources.v0002_journal_sql),
        Migration(version: 3, name: "plan", sql: PackageResources.v0003_plan_sql),
        Migration(version: 4, name: "progress", sql: PackageResources.v0004_progress_sql),
        Migration(version: 5, name: "outbox", sql: PackageResources.v0005_outbox_sql),
        Migration(version: 6, name: "operations", sql: PackageResources.v0006_operations_sql),
        Migration(version: 7, name: "report", sql: PackageResources.v0007_report_sql),
        Migration(version: 8, name: "contradiction", sql: PackageResources.v0008_contradiction_sql),
        Migration(version: 9, name: "round", sql: PackageResources.v0009_round_sql),
        Migration(version: 10, name: "report_reference", sql: PackageResources.v0010_report_reference_sql),
        Migration(version: 11, name: "parliament", sql: PackageResources.v0011_parliament_sql),
        Migration(version: 12, name: "indicator", sql: PackageResources.v0012_indicator_sql),
        Migration(version: 13, name: "milestone", sql: PackageResources.v0013_milestone_sql),
        Migration(version: 14, name: "drift", sql: PackageResources.v0014_drift_sql),
        Migration(version: 15, name: "quarantine", sql: PackageResources.v0015_quarantine_sql),
        Migration(version: 16, name: "retention", sql: PackageResources.v0016_retention_sql),
        Migration(version: 17, name: "answers", sql: PackageResources.v0017_answers_sql),
        Migration(version: 18, name: "hierarchy", sql: PackageResources.v0018_hierarchy_sql),
        Migration(version: 19, name: "rule_setting", sql: PackageResources.v0019_rule_setting_sql),
        Migration(version: 20, name: "sign_off", sql: PackageResources.v0020_sign_off_sql),
        Migration(version: 21, name: "plan_members", sql: PackageResources.v0021_plan_members_sql),
        Migration(version: 22, name: "evidence", sql: PackageResources.v0022_evidence_sql),
    ]

    /// The version that this program needs.
    package static var needed: Int32 { Int32(all.count) }

    /// The key of the advisory lock, "paraplu" in ASCII; the one place that names it.
    private static let lock = Statement("SELECT pg_advisory_lock(31632394917866613)")
    private static let unlock = Statement("SELECT pg_advisory_unlock(31632394917866613)")
    private static let exists = Statement("SELECT to_regclass('paraplu_migration.applied') IS NOT NULL")
    private static let applied = Statement("SELECT version, digest FROM paraplu_migration.applied ORDER BY version")
    private static let record = Statement(
        "INSERT INTO paraplu_migration.applied (version, name, digest) VALUES ($1, $2, $3)")
    private static let ledger: StaticString = """
        CREATE SCHEMA IF NOT EXISTS paraplu_migration;
        CREATE TABLE IF NOT EXISTS paraplu_migration.applied (
            version integer PRIMARY KEY,
            name text NOT NULL,
            digest bytea NOT NULL,
            applied_at timestamptz NOT NULL DEFAULT clock_timestamp());
        GRANT USAGE ON SCHEMA paraplu_migration TO PUBLIC;
        GRANT SELECT ON paraplu_migration.applied TO PUBLIC;
        """

    /// Applies what is missing and returns the versions it applied.
    ///
    /// - Throws: `Problem` where the database is ahead or a migration was altered; `PostgresError` from the statements.
    package static func migrate(_ session: PostgresSession) throws -> [Int32] {
        try session.execute(lock)
        defer { _ = try? session.execute(unlock) }
        var done: [Int32] = []
        let known = try status(session)
        if known.isEmpty { try session.executeScript(Array(ledger.description.utf8)) }
        try check(known, isPartial: true)
        for migration in all.dropFirst(known.count) {
            try session.transaction {
                try session.executeScript(migration.sql)
                try session.execute(
                    record, [.int4(migration.version), .text(migration.name), .bytes(migration.digest.bytes)])
            }
            done.append(migration.version)
        }
        return done
    }

    /// The digests of the migrations that the database has, by version from 1 on.
    package static func status(_ session: PostgresSession) throws -> [SHA256Digest] {
        guard try session.execute(exists).first?.bool(0) ?? false else { return [] }
        return try session.execute(applied).map { row in
            SHA256Digest(bytes: row.bytes(1)) ?? .zero
        }
    }

    /// Throws unless the database has exactly the migrations of this program.
    package static func verify(_ session: PostgresSession) throws {
        try check(try status(session), isPartial: false)
    }

    private static func check(_ known: [SHA256Digest], isPartial: Bool) throws(Problem) {
        guard known.count <= all.count else { throw .ahead(version: Int32(known.count), known: needed) }
        for (migration, digest) in zip(all, known) where migration.digest != digest {
            throw .altered(version: migration.version)
        }
        guard isPartial || known.count == all.count else {
            throw .behind(version: Int32(known.count), needed: needed)
        }
    }
}
