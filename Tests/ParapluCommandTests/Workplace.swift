import Foundation
import JSON
import ParapluTesting
import Testing

/// A directory of a test's own, in which the built `paraplu` runs as a writer of connectors would run it.
struct Workplace {
    let directory: String

    /// The repository's folder.
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    /// What a run of `paraplu` came to.
    struct Run {
        let code: Int32?
        let output: String
        let log: String
    }

    /// Lends a workplace that is gone afterwards.
    static func with<T>(_ body: (Workplace) async throws -> T) async throws -> T {
        let directory = "/tmp/paraplu-tools-\(UInt64.random(in: 0...UInt64.max))"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        return try await body(Workplace(directory: directory))
    }

    func path(_ name: String) -> String { "\(directory)/\(name)" }

    /// Runs `paraplu` to its end, in the workplace.
    func paraplu(_ arguments: String...) async throws -> Run {
        let program = TestProgram.directory.appendingPathComponent("paraplu").path
        let (ending, output, log) = try await TestProgram.run(
            "/usr/bin/env", ["-C", directory, program] + arguments, in: directory)
        guard case .exited(let code) = ending else { return Run(code: nil, output: output, log: log) }
        return Run(code: code, output: output, log: log)
    }

    /// Replaces a text in a file by another.
    func replace(_ old: String, by new: String, in file: String) throws {
        let text = try String(contentsOfFile: path(file), encoding: .utf8)
        try #require(text.contains(old))
        try text.replacingOccurrences(of: old, with: new)
            .write(toFile: path(file), atomically: false, encoding: .utf8)
    }
}

extension Workplace.Run {
    /// The output as JSON.
    func json() throws -> JSONNode {
        try JSONParser.document(of: Array(output.utf8), limits: JSONLimits(depthMax: 64, nodesMax: 1 << 20)).root
    }
}

extension JSONNode {
    /// The first element of an array.
    var first: JSONNode? { Array(elements).first }
}
