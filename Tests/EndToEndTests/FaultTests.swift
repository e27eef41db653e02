import Foundation
import ParapluTesting
import Postgres
import Synchronization
import Testing

/// What somebody waits behind until it is opened.
private final class Gate: Sendable {
    private let state = Mutex(false)
    var isOpen: Bool { state.withLock { $0 } }
    func open() { state.withLock { $0 = true } }
}

extension EndToEnd {
    /// Kills, pauses and outages, each in a gap that is opened and proven open from outside.
    @Suite("faults", .timeLimit(.minutes(8)))
    struct FaultTests {
        private static func reports(_ range: ClosedRange<Int>, action: String = "ill-1-08") -> [Site.Report] {
            range.map { number in
                Site.Report(
                    id: "f-\(number)", action: action, asOf: "2026-0\(number % 9 + 1)-\(10 + number % 18)",
                    sequence: number,
                    rating: number % 2 == 0 ? "ORANJE" : "GROEN")
            }
        }

        private static let lockClock = Statement("SELECT number FROM operations.commit_clock FOR UPDATE")
        private static let lockLease = Statement("SELECT sent_commit FROM outbox.lease FOR UPDATE")
        private static let waitingForClock = Statement(
            """
            SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
                AND query LIKE '%commit_clock%' AND pid <> pg_backend_pid()
            """)
        private static let waitingForLease = Statement(
            """
            SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
                AND query LIKE '%outbox.lease%' AND pid <> pg_backend_pid()
            """)

        /// Holds a row lock on a connection of its own while the body runs.
        private static func holding(
            _ statement: Statement, in site: Site, _ body: (_ release: @Sendable () -> Void) async throws -> Void
        ) async throws {
            let connection = PostgresConnection(site.database.configuration, name: "holder")
            let (opened, openedSignal) = AsyncStream.makeStream(of: Void.self)
            let gate = Gate()
            let release: @Sendable () -> Void = { gate.open() }
            let held = Task {
                try await connection.run { session in
                    try session.transaction {
                        try session.execute(statement)
                        openedSignal.finish()
                        while !gate.isOpen {
                            _ = try session.waitForNotification(timeoutMilliseconds: 20)
                        }
                    }
                }
            }
            for await _ in opened {}
            do {
                try await body(release)
            } catch {
                release()
                _ = try? await held.value
                await connection.close()
                throw error
            }
            release()
            _ = try? await held.value
            await connection.close()
        }

        @Test("SIGKILL between commit and the group's offset loses and doubles nothing")
        func killedAfterCommit() async throws {
            let broker = try await TestBroker.start()
            do {
                try await Site.with(broker: broker) { site in
                    let daemon = try site.start()
                    try await daemon.ready()
                    try await daemon.claimed()
                    try await Self.holding(Self.lockClock, in: site) { release in
                        try await site.publish(Self.reports(1...200))
                        // The batch is in step 7, and waits for the clock alone; then the broker freezes.
                        _ = try await eventually("a batch in step 7") {
                            try await site.number(Self.waitingForClock) > 0 ? true : nil
                        }
                        try broker.suspend()
                        release()
                        // Proven open: committed in PostgreSQL, and no broker that could have heard of it.
                        _ = try await eventually("the commit") {
                            try await site.number(Site.journalled) > 0 ? true : nil
                        }
                        try await daemon.kill()
                        try broker.resume()
                    }
                    let again = try site.start()
                    try await site.settled(200, within: .seconds(90))
                    let problems = try await site.soundness(like: Self.reports(1...200))
                    try await again.stop()
                    #expect(problems == [])
                }
            } catch {
                try? broker.resume()
                try? await broker.stop()
                throw error
            }
            try await broker.stop()
        }

        @Test("SIGKILL between a sent transaction and the watermark sends again, with no gap and no other revision")
        func killedBeforeWatermark() async throws {
            try await Site.with { site in
                let daemon = try site.start()
                try await daemon.ready()
                try await daemon.claimed()
                var isOpen = false
                var number = 0
                // The lease's renewal may come between; then the gap wasn't open, and it is tried with another message.
                for _ in 0..<8 where !isOpen {
                    number += 1
                    let before = try await site.records(of: "changes", partitions: Site.partitions).count
                    try await Self.holding(Self.lockClock, in: site) { releaseClock in
                        try await site.publish(Self.reports(number...number))
                        _ = try await eventually("a batch in step 7") {
                            try await site.number(Self.waitingForClock) > 0 ? true : nil
                        }
                        try await Self.holding(Self.lockLease, in: site) { _ in
                            releaseClock()
                            _ = try await eventually("a relay that waits") {
                                try await site.number(Self.waitingForLease) > 0 ? true : nil
                            }
                            // Proven open: the broker has the rows, committed, and the watermark can't have moved.
                            isOpen = try await site.records(of: "changes", partitions: Site.partitions).count > before
                            if isOpen { try await daemon.kill() }
                        }
                    }
                    if !isOpen { try await site.settled(number) }
                }
                let again = try site.start()
                try await site.settled(number)
                let problems = try await site.soundness(like: Self.reports(1...number))
                try await again.stop()
                #expect(isOpen)
                #expect(problems == [])
            }
        }

        @Test("a paused zombie whose partitions moved to another daemon commits nothing")
        func zombie() async throws {
            try await Site.with { site in
                let first = try site.start("first")
                try await first.ready()
                try await first.claimed()
                try await Self.holding(Self.lockClock, in: site) { release in
                    try await site.publish(Self.reports(1...300))
                    _ = try await eventually("a batch in step 7") {
                        try await site.number(Self.waitingForClock) > 0 ? true : nil
                    }
                    first.program.signal(SIGSTOP)
                    release()
                }
                // Its session now holds positions and clock, and waits for a client that sleeps.
                let second = try site.start("second")
                try await site.settled(300, within: .seconds(90))
                let entries = try await site.number(Site.journalled)
                first.program.signal(SIGCONT)
                _ = try await eventually("the first one awake") { await first.status(of: "/livez") == 200 ? true : nil }
                try await site.publish(Self.reports(301...320))
                try await site.settled(320, within: .seconds(90))
                let problems = try await site.soundness(like: Self.reports(1...320))
                let endings = [try await first.stop(), try await second.stop()]
                #expect(entries == 300)
                #expect(problems == [])
                #expect(endings == [.exited(0), .exited(0)])
            }
        }

        /// The first daemon's relay has read rows, and asks for nothing more: otherwise it looks every 20 ms.
        private static let relayAtTheBroker = Statement(
            """
            SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'paraplud/first'
                AND query LIKE '%FROM outbox.event AS e JOIN journal.commit%' AND state = 'idle'
                AND state_change < clock_timestamp() - interval '0.5 seconds'
            """)

        @Test("a paused relay leaves no older revision as the last one of a key")
        func pausedRelay() async throws {
            let broker = try await TestBroker.start()
            do {
                try await Site.with(broker: broker) { site in
                    let first = try site.start("first")
                    try await first.ready()
                    try await first.claimed()
                    let second = try site.start("second")
                    try await second.ready()
                    try await site.publish(Self.reports(1...2))
                    try await site.settled(2)
                    try await Self.holding(Self.lockClock, in: site) { release in
                        try await site.publish(Self.reports(3...3))
                        _ = try await eventually("a batch in step 7") {
                            try await site.number(Self.waitingForClock) > 0 ? true : nil
                        }
                        try broker.suspend()
                        release()
                    }
                    // Proven open: its rows are committed, the relay has read them and waits for a broker that is silent.
                    _ = try await eventually("a transaction under way") {
                        try await site.number(Self.relayAtTheBroker) > 0 ? true : nil
                    }
                    let underWay = try await site.number(Site.unsent)
                    first.program.signal(SIGSTOP)
                    let isStillIts = !second.program.log.contains("The relay was taken over")
                    try broker.resume()
                    _ = try await eventually("the lease taken over", within: .seconds(60)) {
                        second.program.log.contains("The relay was taken over") ? true : nil
                    }
                    // What the second one sends are newer revisions of the same key.
                    try await site.publish(Self.reports(4...40))
                    try await site.settled(40, within: .seconds(90))
                    first.program.signal(SIGCONT)
                    _ = try await eventually("the first one awake") {
                        await first.status(of: "/livez") == 200 ? true : nil
                    }
                    try await site.publish(Self.reports(41...60))
                    try await site.settled(60, within: .seconds(90))
                    let problems = try await site.soundness(like: Self.reports(1...60))
                    try await first.stop()
                    try await second.stop()
                    #expect(underWay > 0)
                    #expect(isStillIts)
                    #expect(problems == [])
                }
            } catch {
                try? broker.resume()
                try? await broker.stop()
                throw error
            }
            try await broker.stop()
        }

        @Test("a command whose lock somebody else holds ends in bounds, says so, and changes nothing")
        func commandBehindALock() async throws {
            try await Site.with { site in
                try await Self.holding(Self.lockClock, in: site) { release in
                    let path = try site.configuration(instance: "tool")
                    let (ending, _, log) = try await TestProgram.run(
                        "paraplu", ["round", "open", "round-2026-1", "--reason", "test"],
                        environment: ["PARAPLU_CONFIG": path, "USER": "tester"], in: site.directory)
                    #expect(ending == .exited(1))
                    #expect(log.contains("55P03") && log.contains("hint: somebody holds"))
                    release()
                }
                #expect(try await site.number(Statement("SELECT number FROM operations.commit_clock")) == 1)
            }
        }

        @Test("a broker killed under load and started again: readiness falls and comes back, nothing lost or doubled")
        func brokerOutage() async throws {
            let broker = try await TestBroker.start()
            do {
                try await Site.with(broker: broker) { site in
                    let daemon = try site.start()
                    try await daemon.ready()
                    try await daemon.claimed()
                    try await site.publish(Self.reports(1...500))
                    try await broker.kill()
                    _ = try await eventually("503 without a broker", within: .seconds(10)) {
                        await daemon.status(of: "/readyz") == 503 ? true : nil
                    }
                    let live = await daemon.status(of: "/livez")
                    try await broker.restart()
                    try await site.publish(Self.reports(501...600))
                    try await site.settled(600, within: .seconds(120))
                    try await daemon.ready(within: .seconds(30))
                    let problems = try await site.soundness(like: Self.reports(1...600))
                    try await daemon.stop()
                    #expect(live == 200)
                    #expect(problems == [])
                }
            } catch {
                try? await broker.stop()
                throw error
            }
            try await broker.stop()
        }

        @Test("PostgreSQL restarted in mid-batch, then frozen: readiness falls and comes back, SIGTERM ends in bounds")
        func databaseOutage() async throws {
            let cluster = try TestCluster.start()
            do {
                try await Site.with(cluster: cluster) { site in
                    let daemon = try site.start()
                    try await daemon.ready()
                    try await daemon.claimed()
                    try await Self.holding(Self.lockClock, in: site) { _ in
                        try await site.publish(Self.reports(1...500))
                        _ = try await eventually("a batch in step 7") {
                            try await site.number(Self.waitingForClock) > 0 ? true : nil
                        }
                        try cluster.restart(immediate: true)
                    }
                    try await site.settled(500, within: .seconds(90))
                    // Whoever waited for the database reads on.
                    try await site.publish(Self.reports(501...600))
                    try await site.settled(600)

                    try cluster.suspend()
                    _ = try await eventually("503 without a database", within: .seconds(10)) {
                        await daemon.status(of: "/readyz") == 503 ? true : nil
                    }
                    let live = await daemon.status(of: "/livez")
                    try cluster.resume()
                    try await daemon.ready(within: .seconds(20))
                    try await site.publish(Self.reports(601...650))
                    try await site.settled(650)
                    let problems = try await site.soundness(like: Self.reports(1...650))

                    try cluster.suspend()
                    let begin = ContinuousClock.now
                    let ending = try await daemon.stop()
                    let duration = ContinuousClock.now - begin
                    try cluster.resume()
                    #expect(live == 200)
                    #expect(problems == [])
                    #expect(ending == .exited(0))
                    #expect(duration < .seconds(30))
                }
            } catch {
                try? cluster.resume()
                try? await cluster.stop()
                throw error
            }
            try await cluster.stop()
        }

        @Test("fifty kills at seeded times under load: facts and timeline equal those of an undisturbed run")
        func fiftyKills() async throws {
            try await Site.with { disturbed in
                let reports = (1...4000).map { number in
                    Site.Report(
                        id: "k-\(number)", action: ["ill-1-08", "act-1-01", "act-4-07", "ill-4-08"][number % 4],
                        asOf: "202\(number % 2 + 5)-\(["01", "03", "05", "07", "09"][number % 5])-\(10 + number % 18)",
                        sequence: number * 7919 % 4001, rating: number % 3 == 0 ? "ROOD" : "GROEN")
                }
                // Small batches under a backlog, so that each life is ended in the midst of its work.
                let small = "batch:\n  messages_max: 5"
                try await disturbed.publish(reports)
                var seed: UInt64 = 20_261_124
                var taken: Int64 = 0
                for _ in 0..<50 {
                    let daemon = try disturbed.start(extra: small)
                    let before = taken
                    _ = try await eventually("it takes messages in") {
                        try await disturbed.number(Site.journalled) > before ? true : nil
                    }
                    seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                    try await Task.sleep(for: .milliseconds(Int(seed >> 33) % 60))
                    try await daemon.kill()
                    taken = try await disturbed.number(Site.journalled)
                }
                // Proven under load: the last one too had messages left.
                #expect(taken < Int64(reports.count))
                let last = try disturbed.start()
                try await disturbed.settled(reports.count, within: .seconds(120))
                let problems = try await disturbed.soundness(like: reports)
                try await last.stop()
                #expect(problems == [])
            }
        }
    }
}
