internal import Kafka
internal import ParapluConfiguration
internal import ParapluStore
internal import Postgres

/// Errors in words for an operator, with what to do where that is known.
enum Explanation {
    /// What went wrong, and a hint where somebody can act.
    static func text(of error: any Error) -> String {
        switch error {
        case let problems as ConfigurationProblems: "the configuration has problems\n\(problems.text)"
        case let problem as Migrator.Problem: text(of: problem)
        case let error as PostgresError: text(of: error)
        case let error as KafkaError: text(of: error)
        default: "\(error)"
        }
    }

    /// What stands between the database and this program, and how to get over it.
    static func text(of problem: Migrator.Problem) -> String {
        switch problem {
        case .behind(let version, let needed):
            "the database has schema version \(version), this program needs \(needed)\n"
                + "  hint: paraplu database migrate"
        case .ahead(let version, let known):
            "the database has schema version \(version), this program knows \(known)\n"
                + "  hint: install the newer version of paraplu that migrated it"
        case .altered(let version):
            "migration \(version) was applied in another form than this program carries\n"
                + "  hint: the database was made by another build; restore it, or use that build"
        }
    }

    private static func text(of error: PostgresError) -> String {
        let hint: String? =
            switch error {
            case .connection: "is the server running, and are database.host, port, name and the role right?"
            case .server(.insufficientPrivilege, _, _, _, _):
                "the role may not do this; name another one with --database-user"
            case .server(.undefinedTable, _, _, _, _), .server(.invalidSchemaName, _, _, _, _):
                "paraplu database migrate"
            case .server(.lockNotAvailable, _, _, _, _):
                "somebody holds what this command must change; see who in pg_stat_activity and pg_blocking_pids(), and try"
                    + " again"
            case .timedOut: "the server didn't answer in time; is it well? try again"
            case .server(.readOnlyTransaction, _, _, _, _): "connect to the primary"
            default: nil
            }
        return "\(error)" + (hint.map { "\n  hint: \($0)" } ?? "")
    }

    private static func text(of error: KafkaError) -> String {
        var text = "\(error)"
        if [.authentication, .saslAuthenticationFailed].contains(error.code), KafkaLibrary.hasSCRAMNonceDefect {
            text +=
                "\n  hint: librdkafka \(KafkaLibrary.version) fails SCRAM against Kafka 3.8.1 and newer whatever the"
                + " password; use 2.6.1 or newer, or TLS client certificates"
        } else if ExitCode(of: error) == .unreachable {
            text += "\n  hint: is the broker running, and are kafka.bootstrap_servers and kafka.security right?"
        }
        return text
    }
}
