internal import Glibc

/// What the process was given around its arguments: the variables, and who runs it.
struct Environment: Sendable {
    /// The environment's variables.
    let variables: [String: String]
    /// The login name of the process's user.
    let user: String

    subscript(_ name: String) -> String? {
        guard let value = variables[name], !value.isEmpty else { return nil }
        return value
    }

    /// Who acts, where nobody says otherwise: the person behind sudo, else the user.
    var actor: String { self["SUDO_USER"] ?? user }

    /// The environment of this process.
    static var process: Environment {
        var variables: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let pair = String(cString: text)
            if let equals = pair.firstIndex(of: "=") {
                variables[String(pair[..<equals])] = String(pair[pair.index(after: equals)...])
            }
            entry += 1
        }
        return Environment(variables: variables, user: loginName() ?? variables["USER"] ?? "unknown")
    }

    /// The name of the effective user, by getpwuid_r(3).
    private static func loginName() -> String? {
        var buffer = [CChar](repeating: 0, count: 4096)
        var record = passwd()
        var found: UnsafeMutablePointer<passwd>?
        guard getpwuid_r(geteuid(), &record, &buffer, buffer.count, &found) == 0, let name = found?.pointee.pw_name
        else { return nil }
        return String(cString: name)
    }
}
