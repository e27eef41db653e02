internal import Kafka
internal import ParapluConfiguration
internal import ParapluModel
internal import ParapluStore
internal import Postgres

/// What a command tells the shell.
enum ExitCode: Int32, Sendable {
    /// It did what was asked.
    case done = 0
    /// It could not, or it found a difference.
    case failed = 1
    /// The command line, the configuration or a file is wrong.
    case invalidInput = 2
    /// The database or the brokers could not be reached.
    case unreachable = 3

    /// The code of an error that ended a command.
    init(of error: any Error) {
        self =
            switch error {
            case is UsageError, is ConfigurationProblems, is PlanDocumentError, is InputError: .invalidInput
            case let error as PostgresError: ExitCode(of: error)
            case let error as KafkaError: ExitCode(of: error)
            case StoreError.actionsRemoved, StoreError.milestonesRemoved, StoreError.baselinesMoved,
                StoreError.unknown, is FeedResume.Refusal,
                is OfficeDecision.Refusal,
                is RoundStore.Refusal:
                .invalidInput
            default: .failed
            }
    }

    private init(of error: PostgresError) {
        switch error {
        case .connection, .timedOut, .abandoned, .commitUnknown: self = .unreachable
        case .server(let state, _, _, _, _):
            let away: [SQLState.Class] = [.connection, .authorization, .insufficientResources, .operatorIntervention]
            self = away.contains(state.class) || state == .invalidCatalogName ? .unreachable : .failed
        case .protocolViolation: self = .failed
        }
    }

    private init(of error: KafkaError) {
        let away: [KafkaErrorCode] = [
            .transport, .resolve, .allBrokersDown, .timedOut, .requestTimedOut, .authentication, .tls,
            .saslAuthenticationFailed, .unsupportedSASLMechanism,
        ]
        self = away.contains(error.code) ? .unreachable : .failed
    }
}

extension SQLState {
    /// There is no database of that name.
    static let invalidCatalogName = SQLState(rawValue: "3D000")
}

/// A file or a name that the command was given can't be used.
struct InputError: Error, CustomStringConvertible {
    /// What is wrong, in a sentence.
    let description: String

    init(_ description: String) { self.description = description }
}

/// A command could not do what was asked, for a reason that it says itself.
struct CommandFailure: Error, CustomStringConvertible {
    /// What is wrong, in a sentence.
    let description: String

    init(_ description: String) { self.description = description }
}
