/// How to reach a database: libpq's own keywords and values.
///
/// Known keywords are those of libpq: `host`, `port`, `dbname`, `user`, `password`, `passfile`, `sslmode`, `sslrootcert`,
/// `connect_timeout`, `application_name`, `options`, `target_session_attrs`, `tcp_user_timeout`, `keepalives…`. An
/// unknown one fails the first connection attempt.
///
/// - Source: PostgreSQL manual, 34.1.2 "Parameter Key Words".
package struct PostgresConfiguration: Hashable, Sendable {
    /// Values by libpq keyword.
    package var parameters: [String: String]

    package init(parameters: [String: String]) { self.parameters = parameters }

    /// How long one attempt to connect to one host may take: `connect_timeout`, 1 to 10 seconds, 10 by default.
    ///
    /// Looking up a host's name is the resolver's own time and comes on top.
    package var connectTimeout: Duration {
        guard let text = parameters["connect_timeout"], let seconds = Int(text), seconds > 0 else {
            return .seconds(10)
        }
        return .seconds(min(seconds, 10))
    }

    /// The parameters of each attempt: as given, and for several hosts once more with each of them first.
    ///
    /// libpq passes over a host that refuses, but with its asynchronous calls it can't pass over one that is silent.
    var attempts: [[String: String]] {
        let lists = ["host", "hostaddr", "port"].compactMap { key in
            parameters[key].map { (key, $0.split(separator: ",", omittingEmptySubsequences: false)) }
        }
        let hosts = lists.map(\.1.count).max() ?? 1
        guard hosts > 1 else { return [parameters] }
        return (0..<hosts).map { first in
            var rotated = parameters
            for (key, values) in lists where values.count == hosts {
                rotated[key] = (values[first...] + values[..<first]).joined(separator: ",")
            }
            return rotated
        }
    }
}

extension PostgresConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The parameters in the form of a connection string, secrets masked.
    package var description: String {
        parameters.sorted { $0.key < $1.key }
            .map { "\($0.key)=\(Self.secrets.contains($0.key) ? "********" : $0.value)" }
            .joined(separator: " ")
    }

    /// The same as `description`, so that no debugger or log shows a secret.
    package var debugDescription: String { description }

    /// The masked description as the only child, so that `dump` shows no secret.
    package var customMirror: Mirror { Mirror(self, children: ["parameters": description]) }

    private static let secrets: Set<String> = ["password", "sslpassword"]
}
