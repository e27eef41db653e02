import Foundation

/// The commands of a document, as a reader would type them, in order.
struct DocumentedCommands {
    /// One command, and whether it stands in a block that runs as it is.
    struct Command: Hashable {
        let text: String
        /// From a block marked `sh`; else from one marked `console`, where it follows a prompt.
        let isScript: Bool
    }

    let commands: [Command]

    /// Reads a document of the repository.
    init(_ path: String) throws {
        let text = try String(contentsOf: Site.root.appendingPathComponent(path), encoding: .utf8)
        var commands: [Command] = []
        var language: String?
        var isContinued = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            if line.hasPrefix("```") {
                language = language == nil ? String(line.dropFirst(3)) : nil
                isContinued = false
                continue
            }
            guard let language, ["sh", "console"].contains(language), !line.isEmpty else { continue }
            if isContinued, let last = commands.popLast() {
                commands.append(Command(text: last.text + "\n" + line, isScript: last.isScript))
            } else if language == "sh" {
                commands.append(Command(text: line, isScript: true))
            } else if line.hasPrefix("# ") || line.hasPrefix("$ ") {
                commands.append(Command(text: String(line.dropFirst(2)), isScript: false))
            } else {
                // What a program shows, or a line of a file.
                continue
            }
            isContinued = line.hasSuffix("\\")
        }
        self.commands = commands
    }
}
