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
