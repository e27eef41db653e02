import Foundation
import ParapluConnectors
import ParapluModel
import Testing

@Suite struct FuzzTests {
    @Test("mutations of good messages are mapped or refused, never a trap, and decoding twice is decoding once")
    func mutations() throws {
        let (catalog, findings) = ConnectorCatalog.load(directory: ExamplesTests.directory)
        try #require(findings.isEmpty)
        let seeds = try catalog.connectors.map { connector in
            let folder = ExamplesTests.directory + "/\(connector.feed.rawValue)/examples"
            let files = try FileManager.default.contentsOfDirectory(atPath: folder).filter {
                $0.hasSuffix(".input.json")
            }.sorted()
            return (
                connector,
                try files.map { Array(try Data(contentsOf: URL(filePath: "\(folder)/\($0)"))) }.filter {
                    $0.count < 5_000
                }
            )
        }
        var random = SeededRandom(seed: 2024)
        let decoder = MessageDecoder()
        let headers: [[(name: String, value: String?)]] = [
            [], [("content-type", "application/cloudevents+json")],
            [
                ("ce_id", "1"), ("ce_specversion", "1.0"), ("ce_source", "urn:nld:oin:00000099000000102000"),
                ("ce_type", "nl.szw.actieplannen.rapportage-vastgesteld.v2"),
            ],
        ]
        var buffer = IntakeBuffer()
        var mapped = 0
        let deadline = ContinuousClock.now + .seconds(4)

        while ContinuousClock.now < deadline {
            for (connector, inputs) in seeds {
                guard var bytes = inputs.randomElement(using: &random) else { continue }
                for _ in 0..<Int.random(in: 0...3, using: &random) { mutate(&bytes, &random) }
                let message = ExampleMessage(value: bytes, headers: headers.randomElement(using: &random) ?? [])
                buffer.removeAll()
                let once = message.decode(connector, decoder, into: &buffer)
                let twice = message.decode(connector, decoder, into: &buffer)
                try #require(once.rejection == twice.rejection)
                try #require(once.records.count == twice.records.count)
                if let rejection = once.rejection {
                    try #require(once.records.isEmpty)
                    for violation in rejection.violations where violation.path.contains("/") {
                        try #require(violation.path.utf8.count < 200)
                    }
                } else {
                    mapped += once.records.count
                    for (left, right) in zip(buffer.records[once.records], buffer.records[twice.records]) {
                        try #require(left.digest == right.digest && left.identity == right.identity)
                        try #require(
                            try CanonicalRecordCodec.record(from: Array(buffer.bytes[left.json])) == left.record)
                    }
                }
            }
        }

        #expect(mapped > 0)
    }

    private func mutate(_ bytes: inout [UInt8], _ random: inout SeededRandom) {
        guard !bytes.isEmpty else { return }
        let index = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: bytes[index] = UInt8.random(in: .min ... .max, using: &random)
        case 1: bytes.remove(at: index)
        case 2: bytes.insert(Array("\"{}[]:,0-eE.\\".utf8).randomElement(using: &random) ?? 0, at: index)
        case 3: bytes.removeSubrange(index...)
        case 4:
            let end = min(bytes.count, index + Int.random(in: 1...20, using: &random))
            bytes.insert(contentsOf: bytes[index..<end], at: index)
        default:
            let tokens = [
                "null", "1e999", "\"111222333\"", "[]", "{}", "\\u0000", "-", "2024-02-30", "99999999999999999999",
            ]
            bytes.insert(contentsOf: Array((tokens.randomElement(using: &random) ?? "").utf8), at: index)
        }
    }
}
