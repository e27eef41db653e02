internal import Foundation
internal import JSON

/// An example as it lies beside a connector, not yet decoded.
package struct ExampleFile: Sendable {
    /// The case's name.
    package let name: String
    /// Where its value is.
    package let path: String
    /// Nil for a message without a value.
    package let value: [UInt8]?
    /// Its headers in the order of their file; empty where there is no file that can be read.
    package let headers: [Header]
    /// Whether it is expected to be refused: a `.rejected.json` stands beside it.
    package let isRejected: Bool

    /// A header; a value may be missing.
    package struct Header: Sendable, Hashable {
        /// The header's name, in the case of the file.
        package let name: String
        /// The header's value; nil where the file has `null`.
        package let value: String?
    }

    /// The examples of a feed that can be read and of which is known what is expected, in order of their names.
    package static func all(in folder: String) -> [ExampleFile] {
        let examples = folder + "/examples"
        return (ConnectorFiles.names(in: examples) ?? []).compactMap { file in
            guard let range = file.range(of: ".input.") else { return nil }
            let name = String(file[..<range.lowerBound])
            let path = "\(examples)/\(file)"
            let stem = "\(examples)/\(name)"
            let isRejected = ConnectorFiles.exists(stem + ".rejected.json")
            guard isRejected || ConnectorFiles.exists(stem + ".expected.json"),
                let value = ConnectorFiles.read(path, bytesMax: 16 << 20)
            else { return nil }
            let headers = ConnectorFiles.read(stem + ".headers.json", bytesMax: 1 << 20).flatMap { self.headers($0) }
            return ExampleFile(
                name: name, path: path, value: file.hasSuffix(".null") ? nil : value, headers: headers ?? [],
                isRejected: isRejected)
        }
    }

    /// Headers as examples write them, a list of name and value; nil where the text is something else.
    package static func headers(_ json: [UInt8]) -> [Header]? {
        guard let root = try? JSONParser.document(of: json).root, root.kind == .array else { return nil }
        var headers: [Header] = []
        for pair in root.elements {
            let parts = Array(pair.elements)
            guard parts.count == 2, let name = parts[0].string, parts[1].string != nil || parts[1].isNull else {
                return nil
            }
            headers.append(Header(name: name, value: parts[1].string))
        }
        return headers
    }

    /// The value of a header, its name in any case; nil without one.
    package func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name }?.value
    }
}
