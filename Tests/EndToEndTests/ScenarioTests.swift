import Foundation
import ParapluTesting
import Postgres
import Testing

extension EndToEnd {
    /// The scenario of two years with the built programs.
    @Suite("the scenario", .timeLimit(.minutes(5)))
    struct ScenarioTests {
        @Test("killed and started again at random places, it ends in the same facts, timeline and figures")
        func killed() async throws {
            let scenario = try Scenario.read()
            let feeds = try ScenarioFeeds(for: scenario)
            defer { feeds.remove() }
            try await Site.with(isEmpty: true, connectors: feeds.directory) { site in
                try await site.command(["database", "migrate", "--database-user", "postgres"])
                try await site.command(["topics", "create", "--partitions", String(Site.partitions)])
                var player = try Player(site, feeds)
                for step in scenario.steps { try await player.play(step) }
                try await player.finish()

                let problems = try await site.soundness()
                let facts = try await site.lines(Scenario.facts)
                let timeline = try await site.lines(Scenario.timeline)
                let figures = try await site.lines(Scenario.figures)
                let contract = try await OutboundContract(site)
                let unlike = try await contract.problems(of: site, receiptsFor: feeds.partners())
                try await player.daemon.stop()

                #expect(player.kills > 5)
                #expect(problems == [])
                #expect(unlike == [], "asyncapi.yaml tells of another event")
                #expect(facts.difference(from: scenario.expectedFacts).isEmpty)
                #expect(timeline.difference(from: try Self.golden("timeline.txt")).isEmpty)
                #expect(figures.difference(from: try Self.golden("figures.txt")).isEmpty)
            }
        }

        private static func golden(_ name: String) throws -> [String] {
            try String(contentsOfFile: "\(Scenario.root)/Tests/Golden/scenario/\(name)", encoding: .utf8)
                .split(separator: "\n").map(String.init)
        }

        /// Publishes the script's messages and runs the office's commands, and kills the daemon between and amid them.
        private struct Player {
            private let site: Site
            private let feeds: ScenarioFeeds
            private(set) var daemon: Daemon
            private(set) var kills = 0
            private var random = Seeded(seed: 20_261_126)
            /// What the script said since something had to be waited for.
            private var waiting: [Scenario.Message] = []
            private var published = 0

            init(_ site: Site, _ feeds: ScenarioFeeds) throws {
                (self.site, self.feeds) = (site, feeds)
                daemon = try site.start()
            }

            mutating func play(_ step: Scenario.Step) async throws {
                if case .messages(let messages) = step.event {
                    waiting += messages
                    return
                }
                try await publish()
                let why = ["--reason", "the scenario"]
                switch step.event {
                case .messages: break
                case .plan(let version):
                    let path = "\(site.directory)/plan-\(version.name).json"
                    try Data(version.document()).write(to: URL(fileURLWithPath: path))
                    try await site.command(["plan", "apply", path] + why)
                case .open(let round):
                    try await site.command(
                        ["round", "open", round.id, "--as-of", round.asOf, "--freeze-on", round.freezeOn] + why)
                case .freeze(let round): try await site.command(["round", "freeze", round] + why)
                case .decisions(let decisions):
                    for decision in decisions {
                        try await site.command(decision.arguments + why, status: decision.refusal == nil ? 0 : 2)
                    }
                }
            }

            /// Publishes what waits and waits until it is journalled; two times in five the daemon dies meanwhile.
            private mutating func publish() async throws {
                guard !waiting.isEmpty else { return }
                let before = published
                published += waiting.count
                try await site.publish(waiting.map { feeds.record($0) })
                if random.next(below: 5) < 2 {
                    try await journalled(before + random.next(below: waiting.count + 1))
                    try await daemon.kill()
                    kills += 1
                    daemon = try site.start()
                }
                waiting = []
                try await journalled(published)
            }

            private func journalled(_ count: Int) async throws {
                _ = try await eventually("\(count) messages journalled") {
                    try await site.number(Site.journalled) >= Int64(count) ? true : nil
                }
            }

            /// Waits until nothing is left to do: but for the message of an action that no plan has.
            mutating func finish() async throws {
                try await publish()
                _ = try await eventually("what was parked applied") {
                    try await site.number(Statement("SELECT count(*) FROM operations.parked")) == 1 ? true : nil
                }
                try await site.settled(published)
            }
        }

        /// Numbers that come again with the same seed.
        private struct Seeded {
            private var state: UInt64
            init(seed: UInt64) { state = seed }

            mutating func next(below bound: Int) -> Int {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return Int(state >> 33) % bound
            }
        }
    }
}

extension Scenario.Decision {
    /// The decision as `paraplu` takes it.
    fileprivate var arguments: [String] {
        let end = (milestone.map { ["--milestone", $0] } ?? []) + ["--as-of", day]
        return switch verdict {
        case .accept: ["assess", action, "--accept"] + end
        case .refuse: ["assess", action, "--refuse"] + end
        case .holder, .party: ["conflict", "rule", action, party ?? "", "--for", verdict.rawValue] + end
        }
    }
}

extension Site {
    /// The lines that a query gives.
    fileprivate func lines(_ statement: Statement) async throws -> [String] {
        try await watcher.run { session in try session.execute(statement).map { $0.string(0) } }
    }
}
