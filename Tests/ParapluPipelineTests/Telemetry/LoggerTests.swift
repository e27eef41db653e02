import Testing

@testable import ParapluTelemetry

@Suite("The log")
struct LoggerTests {
    @Test("a line is one JSON object of typed fields")
    func json() throws {
        let harness = TelemetryHarness()

        harness.telemetry.logger.log(
            .info, "Say \"it\".", [.topic("stm.szw"), .partition(3), .offset(-1), .durationSeconds(0.25)])

        #expect(
            harness.lines.map(\.json) == [
                """
                {"timestamp":"2023-11-14T22:13:20.000123Z","level":"info","message":"Say \\"it\\".",\
                "messaging.destination.name":"stm.szw","messaging.destination.partition.id":3,\
                "messaging.kafka.offset":-1,"duration_seconds":0.25}
                """
            ])
    }

    @Test("a field holds names and codes, never sentences of others")
    func tokens() {
        let hostile = LogField.errorType(
            "Jan Jansen\n<jan@example.nl> \"x\"\u{0}é" + String(repeating: "x", count: 500))

        #expect(hostile.text.hasPrefix("Jan_Jansen__jan_example.nl___x___"))
        #expect(hostile.text.utf8.count == 249)
        #expect(LogField.durationSeconds(.nan).text == "null")
    }

    @Test("names in the journal are such as it takes, and have our prefix")
    func journalNames() {
        let name = LogField.topic("t").journalName

        #expect(name == "PARAPLU_MESSAGING_DESTINATION_NAME")
        #expect(LogField.partition(1).journalName == "PARAPLU_MESSAGING_DESTINATION_PARTITION_ID")
    }

    @Test("what matters less than the level is not written", arguments: LogLevel.allCases)
    func level(level: LogLevel) {
        let harness = TelemetryHarness(level: level)

        for level in LogLevel.allCases { harness.telemetry.logger.log(level, "A line.") }

        #expect(harness.lines.map(\.level) == LogLevel.allCases.filter { $0 >= level })
    }

    @Test("a warning that repeats is counted, and the count is told later")
    func repetition() {
        let harness = TelemetryHarness()
        let logger = harness.telemetry.logger

        for attempt in 1...100 { logger.log(.warning, "Again.", [.errorType("08006"), .attempt(attempt)]) }
        logger.log(.warning, "Again.", [.errorType("57P01")])
        harness.advance(.seconds(60))
        logger.log(.warning, "Again.", [.errorType("08006")])
        logger.log(.warning, "Again.", [.errorType("08006")])

        #expect(harness.lines.count == RepetitionLimit.perWindow + 3)
        #expect(harness.lines.dropLast().last?.fields == [.errorType("08006"), .suppressed(95)])
        #expect(harness.lines.last?.fields == [.errorType("08006")])
    }

    @Test("lines below a warning are never held back")
    func noLimitBelow() {
        let harness = TelemetryHarness()

        for _ in 0..<50 { harness.telemetry.logger.log(.info, "Again.") }

        #expect(harness.lines.count == 50)
    }

    @Test("the kinds that are told apart are bounded")
    func kindsBounded() {
        var limit = RepetitionLimit()

        for number in 0..<2_000 {
            let identity = RepetitionLimit.Identity(message: "m", fields: [.errorType(String(number))])
            #expect(limit.admit(identity, at: .seconds(number)) == 0)
        }

        #expect(Mirror(reflecting: limit).descendant("windows").map { Mirror(reflecting: $0).children.count } == 256)
    }

    @Test("moments before 1970 and leap days are told right")
    func moments() {
        #expect(TelemetryClock.rfc3339(-1) == "1969-12-31T23:59:59.999999Z")
        #expect(TelemetryClock.rfc3339(1_709_164_800_000_000) == "2024-02-29T00:00:00.000000Z")
    }
}
