package import Postgres

/// How the database is reached.
package struct DatabaseSettings: Sendable {
    /// Whether the connection is encrypted, and the server's certificate checked.
    package enum TLS: String, Sendable {
        case disable, require
        case verifyFull = "verify_full"
    }

    /// Which of several hosts will do.
    package enum Target: String, Sendable {
        case readWrite = "read-write"
        case primary, any
    }

    /// Host names, addresses or the directory of a socket, with commas between.
    package let host: String
    /// The server's port, 1 to 65,535; the same on every host.
    package let port: Int
    /// The database on the server, at most 63 bytes.
    package let name: String
    /// The daemon's role.
    package let user: String
    /// The role's password; nil where none is set.
    package let password: Secret?
    /// How far the connection is protected; encrypted and checked where nothing else is set.
    package let tls: TLS
    /// The path of a PEM file with the authorities that the server's certificate must come from; nil where none is set.
    package let caFile: String?
    /// How long one attempt to connect to one host may take, 1 to 10 s.
    package let connectTimeout: Duration
    /// Which of the hosts will do; one that takes writes where nothing else is set.
    package let target: Target

    /// libpq's parameters of a connection.
    ///
    /// - Parameters:
    ///   - user: Another role than the configured one, whose password then isn't ours to give: libpq's `PGPASSWORD`
    ///     and password file serve it.
    ///   - applicationName: As the server shows it, such as `paraplu/ingest`.
    package func postgres(user: String? = nil, applicationName: String) -> PostgresConfiguration {
        let hosts = host.split(separator: ",", omittingEmptySubsequences: false).count
        var parameters = [
            "host": host,
            "port": Array(repeating: String(port), count: hosts).joined(separator: ","),
            "dbname": name,
            "user": user ?? self.user,
            "application_name": applicationName,
            "connect_timeout": String(connectTimeout.components.seconds),
            "target_session_attrs": target.rawValue,
            "sslmode": tls == .verifyFull ? "verify-full" : tls.rawValue,
            // A server that vanished is noticed within about 25 s, an unanswered send within 20 s.
            "keepalives": "1",
            "keepalives_idle": "10",
            "keepalives_interval": "5",
            "keepalives_count": "3",
            "tcp_user_timeout": "20000",
        ]
        parameters["sslrootcert"] = caFile
        if user == nil || user == self.user { parameters["password"] = password?.exposedText }
        return PostgresConfiguration(parameters: parameters)
    }
}

extension DatabaseSettings {
    /// Takes the section's values; where one has a problem, the checker has it.
    init(_ checker: inout SettingChecker) {
        host = checker.text(.databaseHost) ?? ""
        port = checker.integer(.databasePort)
        name = checker.text(.databaseName) ?? ""
        user = checker.text(.databaseUser) ?? ""
        password = checker.secret(.databasePasswordFile)?.secret
        tls = checker.choice(.databaseTLS, or: .verifyFull)
        caFile = checker.readablePath(.databaseCAFile)
        connectTimeout = .seconds(checker.integer(.databaseConnectTimeout))
        target = checker.choice(.databaseTarget, or: .readWrite)

        let hosts = host.split(separator: ",", omittingEmptySubsequences: false)
        if hosts.contains("") {
            if !host.isEmpty { checker.report(.databaseHost, .invalidValue, "a host between commas is empty") }
            return
        }
        // libpq takes what begins with `/` or `@` for a socket, where it never uses TLS.
        let isElsewhere = hosts.contains { host in
            !host.hasPrefix("/") && !host.hasPrefix("@") && !NetworkAddress.isLoopback(String(host))
        }
        let isSocket = hosts.allSatisfy { $0.hasPrefix("/") || $0.hasPrefix("@") }
        switch tls {
        case .verifyFull where !isSocket && !checker.isGiven(.databaseCAFile):
            checker.report(
                .databaseCAFile, .missing, "verify_full needs the certificate authorities of a server on the network",
                hint: "set database.ca_file")
        case .disable where isElsewhere, .require where isElsewhere && caFile == nil:
            checker.report(
                .databaseTLS, .unsafe, "anybody on the network may be the database", hint: "use verify_full",
                severity: .warning)
        case .disable, .require, .verifyFull: break
        }
    }
}
