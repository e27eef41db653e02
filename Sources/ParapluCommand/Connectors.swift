internal import ParapluConfiguration
internal import ParapluConnectors

/// Where the connector definitions are, and all of them, or why not.
enum Connectors {
    /// The directory given, else the configured one, else `connectors` in the working directory.
    static func directory(_ call: Invocation) throws -> String {
        if let given = call.operands.first {
            guard FileBytes.isDirectory(given) else { throw InputError("\(given): there is no such directory") }
            return given
        }
        guard call.services.configurationFile == nil, FileBytes.isDirectory("connectors") else {
            return try call.services.configuration().connectorsDirectory
        }
        return "connectors"
    }

    /// A directory of connectors, and which of its feeds are meant.
    struct Scope {
        /// The directory that holds `<organisation>/<feed>`.
        let root: String
        /// The folder of the one feed that is meant, below the root; nil for all.
        let folder: String?

        /// The scope of a directory: of all connectors, or the folder of one.
        init(_ directory: String) {
            var path = directory.count > 1 && directory.hasSuffix("/") ? String(directory.dropLast()) : directory
            guard FileBytes.exists(path + "/connector.yaml") else {
                (root, folder) = (path, nil)
                return
            }
            // Organisation and feed are the folder's last two names, which `.` doesn't tell.
            let names = path.split(separator: "/")
            if names.count < 3 || names.contains(".") || names.contains("..") { path = FileBytes.absolute(path) }
            let parts = path.split(separator: "/", omittingEmptySubsequences: false)
            (root, folder) = (parts.dropLast(2).joined(separator: "/"), path)
        }

        /// The name of the one feed that is meant: its folder's last two parts.
        var feed: String? {
            folder.map { $0.split(separator: "/").suffix(2).joined(separator: "/") }
        }
    }

    /// A connector's version as a table shows it: its first twelve digits, enough to tell versions apart.
    static func short(_ version: String?) -> String { version.map { String($0.prefix(12)) } ?? "–" }

    /// The configured connectors, all of them right.
    static func load(_ services: Services) throws -> ConnectorCatalog {
        let directory = try services.configuration().connectorsDirectory
        let (catalog, findings) = ConnectorCatalog.load(directory: directory)
        guard findings.isEmpty else {
            throw InputError(
                "the connectors have problems\n" + findings.map(\.description).joined(separator: "\n"))
        }
        return catalog
    }
}
