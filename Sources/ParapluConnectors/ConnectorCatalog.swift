package import Digest
internal import Foundation
package import ParapluModel

/// All connectors of an instance.
package struct ConnectorCatalog: Sendable {
    /// The connectors, in order of their feeds.
    package let connectors: [Connector]
    /// The SHA-256 over all feeds and versions, in order of the feeds: one value for what is active.
    package let setVersion: SHA256Digest

    private init(_ connectors: [Connector]) {
        self.connectors = connectors.sorted { $0.feed < $1.feed }
        var hasher = SHA256()
        for connector in self.connectors {
            hasher.update(integer: UInt64(connector.feed.rawValue.utf8.count))
            hasher.update(utf8: connector.feed.rawValue)
            hasher.update(connector.version)
        }
        setVersion = hasher.finalize()
    }

    /// The connector of a feed, or nil.
    package func connector(forFeed feed: FeedID) -> Connector? { connectors.first { $0.feed == feed } }

    /// The catalogue of definitions that were read or stored before, with all their findings.
    ///
    /// The catalogue holds what is right; whoever loads all or nothing looks at the findings first.
    package static func make(definitions: [(file: String, bytes: [UInt8])]) -> (
        catalog: ConnectorCatalog, findings: [Finding]
    ) {
        var connectors: [Connector] = []
        var findings: [Finding] = []
        for (file, bytes) in definitions {
            let (connector, found) = Connector.make(file: file, bytes: bytes)
            findings += found
            guard let connector else { continue }
            if let other = connectors.first(where: { $0.feed == connector.feed || $0.topic == connector.topic }) {
                findings.append(
                    Finding(
                        file: file, line: 1, column: 1, code: .duplicate,
                        message: "the feed \(other.feed) has this name or this topic already"))
                continue
            }
            connectors.append(connector)
        }
        return (ConnectorCatalog(connectors), findings)
    }

    /// The catalogue of stored definitions that are known to be right; nil where one of them isn't.
    package init?(definitions: [(file: String, bytes: [UInt8])]) {
        let (catalog, findings) = ConnectorCatalog.make(definitions: definitions)
        guard findings.isEmpty else { return nil }
        self = catalog
    }

    /// Reads `<directory>/<organisation>/<feed>/connector.yaml` of every feed.
    ///
    /// A folder's name must be the feed's; a folder without a definition is a finding.
    package static func load(directory: String) -> (catalog: ConnectorCatalog, findings: [Finding]) {
        var definitions: [(file: String, bytes: [UInt8])] = []
        var findings: [Finding] = []
        for folder in feedFolders(in: directory, &findings) {
            let file = folder.path + "/connector.yaml"
            guard let bytes = ConnectorFiles.read(file, bytesMax: Connector.definitionBytesMax + 1) else {
                findings.append(
                    Finding(file: file, line: 1, column: 1, code: .unreadable, message: "the file cannot be read"))
                continue
            }
            definitions.append((file, bytes))
        }
        let (catalog, found) = make(definitions: definitions)
        findings += found
        for connector in catalog.connectors {
            let end = "/\(connector.feed.rawValue)/connector.yaml"
            guard !definitions.contains(where: { $0.file.hasSuffix(end) && $0.bytes == connector.definition }) else {
                continue
            }
            let file = definitions.first { $0.bytes == connector.definition }?.file ?? directory
            findings.append(
                Finding(
                    file: file, line: 1, column: 1, code: .invalidValue,
                    message: "“feed” says \(connector.feed), the folder says something else", hint: "rename one of them"
                ))
        }
        return (catalog, findings)
    }

    /// The folders of feeds below a directory: organisation, then feed.
    static func feedFolders(in directory: String, _ findings: inout [Finding]) -> [(feed: String, path: String)] {
        guard let organisations = ConnectorFiles.folders(in: directory) else {
            findings.append(
                Finding(file: directory, line: 1, column: 1, code: .unreadable, message: "the directory cannot be read")
            )
            return []
        }
        var found: [(feed: String, path: String)] = []
        for organisation in organisations {
            for feed in ConnectorFiles.folders(in: "\(directory)/\(organisation)") ?? [] {
                found.append(("\(organisation)/\(feed)", "\(directory)/\(organisation)/\(feed)"))
            }
        }
        return found
    }
}

/// The few things that loading needs of a file system.
enum ConnectorFiles {
    /// The bytes of a file, or nil where it can't be read or has more than that many.
    static func read(_ path: String, bytesMax: Int) -> [UInt8]? {
        guard let handle = FileHandle(forReadingAtPath: path) else { return nil }
        defer { try? handle.close() }
        do {
            // Nil at the end of the file, which an empty one is at.
            let data = try handle.read(upToCount: bytesMax + 1) ?? Data()
            return data.count <= bytesMax ? Array(data) : nil
        } catch {
            return nil
        }
    }

    /// Whether there is a file.
    static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    /// The names of the folders in a directory, sorted and without hidden ones; nil where it can't be read.
    static func folders(in directory: String) -> [String]? {
        names(in: directory)?.filter { name in
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: directory + "/" + name, isDirectory: &isFolder)
                && isFolder.boolValue
        }
    }

    /// The names in a directory, sorted and without hidden ones; nil where it can't be read.
    static func names(in directory: String) -> [String]? {
        try? FileManager.default.contentsOfDirectory(atPath: directory).filter { !$0.hasPrefix(".") }.sorted()
    }
}
