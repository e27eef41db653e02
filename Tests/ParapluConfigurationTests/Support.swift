import Foundation
import ParapluConfiguration
import Testing

/// A directory of a test's own, removed by `withScratch`.
struct Scratch {
    let path: String

    /// Writes a file of the directory and returns its path.
    func file(_ name: String, _ text: String, mode: Int = 0o600) throws -> String {
        try file(name, Array(text.utf8), mode: mode)
    }

    func file(_ name: String, _ bytes: [UInt8], mode: Int = 0o600) throws -> String {
        let path = "\(path)/\(name)"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        return path
    }

    /// What a configuration without a file needs: everything required, and nothing else.
    func environment(_ more: [String: String] = [:]) throws -> [String: String] {
        [
            "PARAPLU_INSTANCE": "one", "PARAPLU_SOURCE_OIN": "00000099000000900000",
            "PARAPLU_KAFKA_BOOTSTRAP_SERVERS": "localhost:9092", "PARAPLU_KAFKA_SECURITY": "plaintext",
            "PARAPLU_PRIVACY_HASH_KEY_FILE": try file("hash-key", [UInt8](0..<32)),
        ].merging(more) { $1 }
    }

    /// The configuration of a file with this text, with the least that is needed from the environment.
    func load(_ yaml: String, _ more: [String: String] = [:]) throws -> ServiceConfiguration {
        try ServiceConfiguration.load(path: try file("paraplu.yaml", yaml), environment: try environment(more))
    }

    /// The problems of such a file, of which there must be some that keep the daemon from starting.
    func problems(_ yaml: String, _ more: [String: String] = [:]) throws -> [Problem] {
        let path = try file("paraplu.yaml", yaml)
        let environment = try environment(more)
        return problemsOf { () throws(ConfigurationProblems) in
            _ = try ServiceConfiguration.load(path: path, environment: environment)
        }
    }
}

/// The problems that loading throws; none, and an issue, where it doesn't.
func problemsOf(_ load: () throws(ConfigurationProblems) -> Void) -> [Problem] {
    do throws(ConfigurationProblems) {
        try load()
        Issue.record("the configuration was accepted")
        return []
    } catch {
        return error.problems.filter { $0.severity == .error }
    }
}

/// Runs the test with a directory of its own.
func withScratch(_ body: (Scratch) throws -> Void) throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("paraplu-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: url) }
    try body(Scratch(path: url.path))
}
