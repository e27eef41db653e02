import Digest
import ParapluModel
import ParapluRules
import ParapluStore
import Postgres
import Testing

@Suite struct PropertyTests {
    /// A random run of commits of every kind.
    static func run(_ store: StoreHarness, seed: UInt64, batches: Int) throws {
        var random = RandomRun(seed: seed, today: try store.today())
        try store.apply(plan: random.plan(version: 0))
        for number in 1...batches {
            try store.ingest(random.messages(upTo: 20))
            for _ in 0..<3 {
                let decision = random.decision()
                do {
                    _ = try store.decide(decision.content, on: decision.action, asOf: decision.asOf)
                } catch is OfficeDecision.Refusal {}
            }
            if number % 9 == 0 {
                let round = RoundID(unchecked: "round-\(number)")
                try store.open(round, asOf: try store.today().adding(days: number - batches - 100))
                try store.freeze(round)
            }
            if number % 7 == 0 { try store.apply(plan: random.plan(version: number / 7)) }
            if number % 5 == 0 {
                _ = try Settler.settle(
                    parkedDaysMax: 30, events: StoreHarness.events, store.session)
            }
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func invariantsHoldAfterARandomRun(seed: UInt64) async throws {
        try await StoreHarness.with { store in
            try Self.run(store, seed: seed, batches: 25)
            // Revisions of a subject rise by one without a gap, and the outbox has them in order of commit.
            #expect(
                try store.number(
                    Statement(
                        """
                        SELECT count(*) FROM (SELECT revision <> lag(revision, 1, 0::bigint)
                            OVER (PARTITION BY key, topic ORDER BY commit, n) + 1 AS bad
                            FROM outbox.event WHERE topic IN ('status', 'changes')) AS e WHERE bad
                        """)) == 0)
            #expect(
                try store.number(
                    Statement(
                        """
                        SELECT count(*) FROM status AS s WHERE (revision, payload_hash) IS DISTINCT FROM (
                            SELECT (e.revision, sha256(e.payload)) FROM outbox.event AS e
                            WHERE e.topic = 'status' AND e.key = s.subject ORDER BY e.commit DESC, e.n DESC LIMIT 1)
                        """)) == 0)
            // The timeline known now has one row per day of an action, and nothing overlaps in known time.
            #expect(
                try store.number(
                    Statement(
                        """
                        SELECT count(*) FROM timeline AS a JOIN timeline AS b USING (action_id, valid_from)
                        WHERE a.known_from < b.known_from AND coalesce(a.known_until, 'infinity') > b.known_from
                        """)) == 0)
            // Roll-ups are what adding up all actions gives.
            let plan = try PlanStore.current(store.session)
            let actions = try ProjectionStore.actions(plan.actions.keys, store.session)
            #expect(actions.count == plan.actions.count)
            var counted: [Subject: RollupCounts] = [:]
            for (id, projection) in actions {
                guard let planned = plan.actions[id] else { continue }
                for subject in PlanIndex.rollups(of: planned) {
                    counted[subject, default: RollupCounts()].add(projection.contribution)
                }
            }
            let rollups = try ProjectionStore.rollups(of: plan, store.session)
            for (subject, projection) in rollups {
                #expect(projection.counts == counted[subject] ?? RollupCounts(), "\(subject)")
            }
            #expect(counted.keys.allSatisfy { rollups[$0] != nil })
            // The balance, counted again.
            let balance = try Balance.read(store.session)
            #expect(balance.difference == 0 && balance.findings.isEmpty)
            #expect(balance.partitions.count == 4)
            // And nothing was tampered with.
            #expect(try Verification.run(store.session).findings == [])
        }
    }

    @Test(arguments: [11, 12, 13] as [UInt64])
    func otherBatchingAndOrderOfArrivalGiveTheSameFactsAndTimeline(seed: UInt64) async throws {
        // A decision's identity names the moment at which it was taken, which is another each time.
        let facts = Statement(
            """
            SELECT concat_ws(' ', identity, encode(digest, 'hex')) FROM journal.fact
            WHERE stream_id NOT IN (SELECT stream_id FROM journal.stream WHERE kind = 'office') ORDER BY 1
            """)
        let timeline = Statement(
            """
            SELECT concat_ws(' ', action_id, valid_from, lifecycle, rating, reported_rating, data_state, flags, reasons,
                holder, as_of, steps) FROM timeline WHERE known_until IS NULL ORDER BY 1
            """)
        let conflicts = Statement(
            """
            SELECT concat_ws(' ', action_id, party, milestone, opened_on, closed_on, closing) FROM conflict ORDER BY 1
            """)
        var results: [[String]] = []
        for order in 0..<2 {
            results.append(
                try await StoreHarness.with { store in
                    var random = RandomRun(seed: seed, today: try store.today())
                    let plans = (0...4).map { random.plan(version: $0) }
                    var parts = (0..<4).map { part in (0..<40).map { random.fresh(part * 40 + $0) } }
                    let decisions = (0..<4).map { _ in (0..<30).map { _ in random.decision() } }
                    if order == 1 { parts = parts.map { random.shuffled($0) } }
                    try store.apply(plan: plans[0])
                    var taken = 0
                    for (part, messages) in parts.enumerated() {
                        var rest = messages[...]
                        while !rest.isEmpty {
                            try store.ingest(Array(rest.prefix(order == 0 ? 1 : 17)))
                            rest = rest.dropFirst(order == 0 ? 1 : 17)
                        }
                        // What is decided rests on what is known by then, which is the same in both.
                        for decision in decisions[part] {
                            do {
                                _ = try store.decide(decision.content, on: decision.action, asOf: decision.asOf)
                                taken += 1
                            } catch is OfficeDecision.Refusal {}
                        }
                        try store.apply(plan: plans[part + 1])
                        _ = try Settler.settle(
                            parkedDaysMax: 30, events: StoreHarness.events, store.session)
                    }
                    return try store.texts(facts) + store.texts(timeline) + store.texts(conflicts) + ["\(taken) taken"]
                })
        }
        #expect(results[0] == results[1])
        #expect(results[0].count > 200)
        #expect(results[0].last != "0 taken")
    }

    @Test func twoWritersInterleaveWithoutTrustingWhatTheyHold() async throws {
        try await StoreHarness.with { store in
            let today = try store.today()
            try store.apply(plan: Fixture.plan(actions: 6))
            let other = PostgresConnection(store.appConfiguration, name: "other")
            var second = StoreHarness.writer()
            try other.runBlocking { try Claims.prepare($0) }
            for number in 0..<6 {
                let days = today.adding(days: number - 10)
                try store.ingest([
                    Message(0, [Fixture.progress(0, asOf: days, rating: number % 2 == 0 ? .red : .green)])
                ])
                let batch = store.batch([Message(1, [Fixture.progress(0, asOf: days, rating: .amber, sequence: 1)])])
                let result = try other.runBlocking { try second.apply(batch, $0) }
                for claim in result.claims { store.claims[claim.partition] = claim }
            }
            #expect(
                try store.texts(
                    Statement("SELECT concat_ws(' ', rating, revision) FROM status WHERE subject = 'action/act-0'"))
                    == ["ORANJE 13"])
            #expect(
                try store.number(
                    Statement("SELECT count(*) FROM timeline WHERE action_id = 'act-0' AND known_until IS NULL"))
                    == 7)
            try store.compareRebuild { rebuild in #expect(rebuild.differences == []) }
            other.closeInBackground()
        }
    }
}
