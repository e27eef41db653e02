internal import ParapluConnectors

/// A finding as text: one line that editors jump to, and on a terminal the line of the file with a mark below it.
enum FindingText {
    /// The most characters of a line that are shown.
    private static let widthMax = 160

    /// The finding's own line, then the source's where there is one.
    ///
    /// - Parameter source: The lines of the finding's file; nil shows none.
    static func text(of finding: Finding, source: [Substring]?, usesColor: Bool) -> String {
        guard let source, source.indices.contains(finding.line - 1) else { return "\(finding)\n" }
        var text = "\(finding.file):\(finding.line):\(finding.column): "
        text += Table.styled(finding.code.rawValue, .red, usesColor) + ": \(finding.message)\n"
        let number = String(finding.line)
        let margin = String(repeating: " ", count: number.count)
        // A control character of the file's could play with the terminal.
        let line = source[finding.line - 1].prefix(widthMax).map { $0.isControl ? " " : $0 }
        text += Table.styled(" \(number) | ", .faint, usesColor) + String(line) + "\n"
        if finding.column <= line.count + 1 {
            let space = String(repeating: " ", count: max(0, finding.column - 1))
            text += Table.styled(" \(margin) | ", .faint, usesColor) + space + Table.styled("^", .red, usesColor) + "\n"
        }
        if !finding.hint.isEmpty { text += Table.styled(" \(margin) = ", .faint, usesColor) + finding.hint + "\n" }
        return text
    }

    /// Writes findings; a file is read once.
    static func show(_ findings: [Finding], on terminal: Terminal) {
        var files: [String: [Substring]] = [:]
        for finding in findings {
            if terminal.isInteractive, files[finding.file] == nil {
                let bytes = try? FileBytes.read(finding.file, bytesMax: Connector.definitionBytesMax)
                files[finding.file] =
                    bytes.map { String(decoding: $0, as: UTF8.self) }?
                    .split(separator: "\n", omittingEmptySubsequences: false) ?? []
            }
            terminal.print(text(of: finding, source: files[finding.file], usesColor: terminal.usesColor))
        }
    }
}
