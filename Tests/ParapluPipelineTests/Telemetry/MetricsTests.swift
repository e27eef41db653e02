import Foundation
import Testing

@testable import ParapluTelemetry

/// Metrics with something in each kind of family.
private func filled() -> Metrics {
    let harness = TelemetryHarness()
    let metrics = harness.telemetry.metrics
    metrics.records.add(3, "szw.progress", "applied")
    metrics.records.add(2, "unheard-of", "applied")
    metrics.batchDuration.observe(.milliseconds(5))
    metrics.batchDuration.observe(.milliseconds(60))
    metrics.batchDuration.observe(.seconds(20))
    metrics.consumerLag.replaceAll([["stm.a\"b\\c\nd", "0"]: 17])
    metrics.outboxOldestTimestamp.set(1_700_000_000.25)
    metrics.relayActive.set(1)
    return metrics
}

@Suite("The text forms of metrics")
struct ExpositionGoldenTests {
    /// A golden file, beside the targets so that none of them has it as a resource.
    private static func golden(_ name: String) -> URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Golden/telemetry/\(name)")
    }

    @Test("they are as agreed, with zeros from the start", arguments: Exposition.allCases)
    func exposition(form: Exposition) throws {
        let file = Self.golden(form == .classic ? "metrics.txt" : "metrics.openmetrics")

        let text = filled().ownText(form)

        if ProcessInfo.processInfo.environment["PARAPLU_GOLDEN"] == "rewrite" {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        let expected = try String(contentsOf: file, encoding: .utf8)
        let difference = text.split(separator: "\n").difference(from: expected.split(separator: "\n"))
        #expect(difference.isEmpty, "run make golden: \(difference)")
    }
}

@Suite("Metrics")
struct MetricsTests {
    @Test("OpenMetrics ends with its mark, after the process's own metrics")
    func end() {
        let text = filled().text(.openMetrics)

        #expect(text.hasSuffix("# EOF\n"))
        #expect(text.components(separatedBy: "# EOF").count == 2)
        #expect(text.contains("\nprocess_cpu_seconds_total "))
        #expect(text.contains("\n# TYPE process_cpu_seconds counter\n"))
    }

    @Test("the process's own metrics are those of the system")
    func process() throws {
        let lines = Metrics(
            MetricLabels(feeds: [], outcomes: [], rejectionCodes: [], topics: [], version: "", revision: "")
        ).text(.classic).split(separator: "\n")
        func value(_ name: String) throws -> Double {
            let line = try #require(lines.first { $0.hasPrefix("\(name) ") })
            return try #require(Double(line.dropFirst(name.count + 1)))
        }

        #expect(try value("process_resident_memory_bytes") > 1_000_000)
        #expect(try value("process_threads") >= 1)
        #expect(try value("process_open_fds") >= 3)
        #expect(try value("process_max_fds") >= value("process_open_fds"))
        #expect(try value("process_cpu_seconds_total") >= 0)
        let age = Date().timeIntervalSince1970 - (try value("process_start_time_seconds"))
        #expect(age > -1 && age < 86_400)
    }

    @Test(
        "the form follows Accept",
        arguments: [
            (nil, Exposition.classic), ("", .classic), ("*/*", .classic), ("text/plain", .classic),
            ("application/openmetrics-text; version=1.0.0", .openMetrics),
            ("application/openmetrics-text;version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", .openMetrics),
            ("application/openmetrics-text;q=0.3, text/plain;q=0.5", .classic),
            ("application/openmetrics-text;q=0", .classic),
        ] as [(String?, Exposition)])
    func accept(header: String?, form: Exposition) {
        #expect(Exposition(accept: header) == form)
    }

    @Test("label values that were not declared are counted under one name")
    func bounded() {
        let metrics = TelemetryHarness().telemetry.metrics

        for number in 0..<10_000 { metrics.rejections.add(1, "made-up-\(number)") }

        #expect(metrics.rejections.samples().map { $0.labels[0].value } == ["invalid_date", "other"])
        #expect(metrics.rejections.samples().map(\.value) == [.integer(0), .integer(10_000)])
    }

    @Test("series that come and go are bounded as well")
    func boundedGauge() {
        let lag = TelemetryHarness().telemetry.metrics.consumerLag

        lag.replaceAll(Dictionary(uniqueKeysWithValues: (0..<5_000).map { (["t", String($0)], 1.0) }))
        let many = lag.samples().count
        lag.replaceAll([:])

        #expect(many == 4_096)
        #expect(lag.samples().isEmpty)
    }

    @Test("counting from many tasks loses nothing")
    func concurrent() async {
        let metrics = TelemetryHarness().telemetry.metrics

        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask { for _ in 0..<500 { metrics.records.add(1, "szw.progress", "applied") } }
            }
        }

        #expect(metrics.records.samples().first?.value == .integer(4_000))
    }
}
