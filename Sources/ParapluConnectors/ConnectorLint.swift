package import ParapluModel

/// What a folder of connectors lacks.
package enum ConnectorLint {
    /// The fewest examples of a feed: good ones, and as many that are refused.
    package static let examplesMin = 5

    /// All findings about the connectors below a directory: definitions, folders, examples' presence.
    ///
    /// - Parameter plan: The plan whose organisations the definitions are compared with; nil for none.
    package static func findings(in directory: String, plan: Plan? = nil) -> [Finding] {
        var (catalog, findings) = ConnectorCatalog.load(directory: directory)
        for connector in catalog.connectors {
            let file = "\(directory)/\(connector.feed)/connector.yaml"
            findings += compaction(connector, file: file)
            if let plan { findings += organisations(connector, plan, file: file) }
        }
        var folderFindings: [Finding] = []
        for folder in ConnectorCatalog.feedFolders(in: directory, &folderFindings) {
            let names = ConnectorFiles.names(in: folder.path) ?? []
            if !names.contains("README.md") {
                findings.append(
                    incomplete(folder.path, "the feed has no README.md", "say what the feed is and who sends it"))
            }
            let examples = ConnectorFiles.names(in: folder.path + "/examples") ?? []
            for (ending, what) in [(".expected.json", "good"), (".rejected.json", "refused")]
            where examples.filter({ $0.hasSuffix(ending) }).count < examplesMin {
                findings.append(
                    incomplete(
                        folder.path + "/examples", "fewer than \(examplesMin) \(what) examples",
                        "examples/<case>.input.* beside <case>\(ending)"))
            }
        }
        return findings
    }

    private static func incomplete(_ file: String, _ message: String, _ hint: String) -> Finding {
        Finding(file: file, line: 1, column: 1, code: .incomplete, message: message, hint: hint)
    }
}
