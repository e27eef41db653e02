import Testing

@testable import ParapluTelemetry

@Suite("Events tell log and metrics together")
struct EventTests {
    /// The value of a sample line of the exposition.
    private func sample(_ harness: TelemetryHarness, _ name: String) -> String? {
        harness.telemetry.metrics.ownText(.classic).split(separator: "\n").first { $0.hasPrefix("\(name) ") }
            .map { String($0.dropFirst(name.utf8.count + 1)) }
    }

    @Test("refusals of a batch are one line with their count")
    func rejected() {
        let harness = TelemetryHarness(level: .info)

        RecordRejected(
            feed: "szw.progress", code: "invalid_date", count: 4_000, topic: "in.szw.progress.v1", partition: 2,
            offset: 17
        ).emit(to: harness.telemetry)

        #expect(sample(harness, "paraplu_rejections_total{code=\"invalid_date\"}") == "4000")
        #expect(
            harness.lines.map(\.fields) == [
                [
                    .connector("szw.progress"), .rejectionCode("invalid_date"), .count(4_000),
                    .topic("in.szw.progress.v1"), .partition(2), .offset(17),
                ]
            ])
    }

    @Test("a batch counts its outcomes, its times and its newest record, and is no line at info")
    func batch() {
        let harness = TelemetryHarness(level: .info)
        let event = BatchApplied(
            commit: 9,
            feeds: [
                .init(
                    name: "szw.progress", outcomes: ["applied": 2, "rejected": 1],
                    newestTimestampMilliseconds: 1_700_000_000_500)
            ], duration: .milliseconds(30), transactionDuration: .milliseconds(20))

        event.emit(to: harness.telemetry)

        #expect(harness.lines.isEmpty)
        #expect(sample(harness, "paraplu_records_total{feed=\"szw.progress\",outcome=\"applied\"}") == "2")
        #expect(sample(harness, "paraplu_records_total{feed=\"szw.progress\",outcome=\"rejected\"}") == "1")
        #expect(sample(harness, "paraplu_batch_duration_seconds_count") == "1")
        #expect(sample(harness, "paraplu_database_transaction_duration_seconds_sum") == "0.02")
        #expect(
            sample(harness, "paraplu_last_record_timestamp_seconds{feed=\"szw.progress\"}") == "1700000000.5")
    }

    @Test("a held feed is an error with a hint, until it is resumed")
    func held() {
        let harness = TelemetryHarness()
        let name = "paraplu_feed_held{feed=\"szw.progress\"}"

        FeedHeld(feed: "szw.progress", reason: "rejections", topic: "stm.in.szw", partition: 3, offset: 42)
            .emit(to: harness.telemetry)
        let held = sample(harness, name)
        FeedResumed(feed: "szw.progress").emit(to: harness.telemetry)

        #expect(held == "1.0")
        #expect(sample(harness, name) == "0.0")
        #expect(harness.lines.map(\.level) == [.error, .info])
        #expect(
            harness.lines.first?.fields == [
                .connector("szw.progress"), .reason("rejections"), .topic("stm.in.szw"), .partition(3), .offset(42),
                .hint(.feedHeld),
            ])
    }

    @Test("losses, retries, rebalances, the relay and cuts move their metrics")
    func others() {
        let harness = TelemetryHarness()
        let events: [any TelemetryEvent] = [
            LossRecorded(topic: "t", partition: 0, firstOffset: 5, endOffset: 8), PartitionsClaimed(partitions: 2),
            PartitionsRevoked(partitions: 2, wereLost: true), RelayTakenOver(epoch: 3),
            Retrying(reason: .kafka, errorType: "_TRANSPORT", attempt: 1, delay: .seconds(1)),
            CutPublished(commit: 77, subjects: 5, duration: .seconds(1)), EventsSent(topics: ["stm.status": 6]),
        ]

        for event in events { event.emit(to: harness.telemetry) }

        #expect(sample(harness, "paraplu_lost_offsets_total") == "3")
        #expect(sample(harness, "paraplu_rebalances_total") == "2")
        #expect(sample(harness, "paraplu_relay_active") == "1.0")
        #expect(sample(harness, "paraplu_retries_total{reason=\"kafka\"}") == "1")
        #expect(sample(harness, "paraplu_cut_commit") == "77.0")
        #expect(sample(harness, "paraplu_events_sent_total{topic=\"stm.status\"}") == "6")
        RelayGivenUp(reason: "fenced").emit(to: harness.telemetry)
        #expect(sample(harness, "paraplu_relay_active") == "0.0")
    }

    @Test("a refused reload names each finding's place, some hundreds at most, and how many there are")
    func refusedReload() {
        let harness = TelemetryHarness()
        let findings = (1...300).map { line in
            ReloadRefused.Finding(
                file: "connectors/a/b/connector.yaml", line: line, column: 5, code: "unknown_key")
        }

        ReloadRefused(findings: findings).emit(to: harness.telemetry)

        #expect(harness.lines.count == ReloadRefused.linesMax + 1)
        #expect(harness.lines.first?.fields.map(\.text) == ["connectors/a/b/connector.yaml:1:5", "unknown_key"])
        #expect(harness.lines.last?.fields == [.count(300), .hint(.reloadRefused)])
        #expect(sample(harness, "paraplu_connector_reloads_total{result=\"refused\"}") == "1")
        #expect(sample(harness, "paraplu_connector_reload_success_timestamp_seconds") == "0.0")
    }

    @Test("a reload that was taken counts and says when")
    func reloaded() {
        let harness = TelemetryHarness()

        ConnectorsReloaded(commit: 12).emit(to: harness.telemetry)
        ConnectorsReloaded(commit: nil).emit(to: harness.telemetry)
        ReloadFailed(errorType: "57P03").emit(to: harness.telemetry)

        #expect(sample(harness, "paraplu_connector_reloads_total{result=\"switched\"}") == "1")
        #expect(sample(harness, "paraplu_connector_reloads_total{result=\"unchanged\"}") == "1")
        #expect(sample(harness, "paraplu_connector_reloads_total{result=\"failed\"}") == "1")
        #expect(sample(harness, "paraplu_connector_reload_success_timestamp_seconds") == "1700000000.000123")
        #expect(harness.lines.map(\.level) == [.info, .info, .error])
    }

    @Test("a feed that came into force has series of its own, and one that was retired is held no more")
    func feeds() {
        let harness = TelemetryHarness()
        FeedHeld(feed: "szw.progress", reason: "rejections", topic: "stm.in.szw", partition: 3, offset: 42)
            .emit(to: harness.telemetry)

        ConnectorsChanged(commit: 5, feeds: ["new.feed"], topics: ["receipts.new"]).emit(to: harness.telemetry)
        DriftSeen(
            feed: "new.feed", version: "0123", code: "type", path: "/rows/*/n", topic: "t", partition: 1, offset: 7
        ).emit(to: harness.telemetry)

        #expect(sample(harness, "paraplu_feed_held{feed=\"szw.progress\"}") == nil)
        #expect(sample(harness, "paraplu_feed_held{feed=\"new.feed\"}") == "0.0")
        #expect(sample(harness, "paraplu_records_total{feed=\"new.feed\",outcome=\"applied\"}") == "0")
        #expect(sample(harness, "paraplu_events_sent_total{topic=\"receipts.new\"}") == "0")
        #expect(sample(harness, "paraplu_drift_total{feed=\"new.feed\"}") == "1")
        #expect(harness.lines.last?.level == .warning)
        #expect(harness.lines.last?.fields.map(\.text).contains("/rows/*/n") == true)
    }

    @Test("lifecycle and dependencies are lines of their level")
    func levels() {
        let harness = TelemetryHarness()
        let events: [any TelemetryEvent] = [
            Started(instance: "one", version: "1", librdkafkaVersion: "2.0.2", port: 9_464),
            DependencyLost(component: .kafka, errorType: "_ALL_BROKERS_DOWN"),
            DependencyRestored(component: .kafka, duration: .seconds(9)),
            RowSetAside(commit: 1, index: 2, topic: "stm.status", errorType: "MSG_SIZE_TOO_LARGE"),
            Draining(reason: "SIGTERM", limit: .seconds(20)),
            Stopped(reason: "SIGTERM", exitCode: 0, duration: .seconds(1)),
            Stopped(reason: "fatal", exitCode: 1, duration: .seconds(1)),
        ]

        for event in events { event.emit(to: harness.telemetry) }

        #expect(harness.lines.map(\.level) == [.info, .warning, .info, .error, .info, .info, .error])
    }
}
