import Digest
import ParapluModel
import ParapluRules
import ParapluStore
import Postgres
import Testing

@Suite struct ReaderTests {
    @Test func statusesAreReadWithTheirWatermarkAndTheMessagesBehindThem() async throws {
        try await StoreHarness.with { store in
            try store.apply(plan: Fixture.plan(actions: 3))
            let today = try store.today()
            let first = try store.ingest([
                Message(0, [Fixture.progress(0, asOf: today.adding(days: -3), rating: .amber)], id: "a"),
                Message(0, rejection: Rejection(.unknownField, path: "/x"), id: "b"),
            ])
            let second = try store.ingest([
                Message(
                    1,
                    [
                        Fixture.progress(0, asOf: today, rating: .red),
                        Fixture.milestone(0, asOf: today, status: .dropped),
                    ])
            ])
            let now = try store.asAdmin { try StatusReader.current($0) }
            #expect(now.watermark.commit == second.stamp.number)
            #expect(now.watermark.recordedAt == second.stamp.recordedAt)
            #expect(now.actions.map(\.rating) == ["ROOD", "GRIJS", "GRIJS"])
            #expect(now.actions[0].reasons.count == 1)
            #expect(
                now.rollups.map(\.subject.description) == [
                    "programme", "goal/goal-1", "goal/goal-2", "line/line-1", "line/line-2", "line/line-3",
                ])
            let before = try store.asAdmin {
                try StatusReader.asOf(validOn: today, knownOn: first.stamp.recordedAt, $0)
            }
            #expect(before.actions.map(\.rating) == ["ORANJE", "GRIJS", "GRIJS"])
            // What is folded for another moment is what was announced then.
            let same = try store.asAdmin {
                try StatusReader.asOf(validOn: today, knownOn: now.watermark.recordedAt, $0)
            }
            #expect(same.rollups.map(\.subject) == now.rollups.map(\.subject))
            #expect(same.rollups.map(\.rating) == now.rollups.map(\.rating))
            #expect(same.rollups.map(\.reasons) == now.rollups.map(\.reasons))
            #expect(same.rollups.map(\.coveragePercent) == now.rollups.map(\.coveragePercent))
            let causes = try store.asAdmin { try StatusReader.messages(behind: .action(Fixture.action(0)), $0) }
            #expect(causes.map(\.kind).sorted() == ["milestone.reported", "progress.reported"])
            #expect(causes.allSatisfy { $0.partition == 1 && $0.offset == 0 && $0.disposition == "effective" })
            let feed = StoreHarness.feed.rawValue
            let refused = try store.asAdmin {
                try QuarantineReader.list(feed: feed, code: nil, isAll: true, limit: 10, $0)
            }
            #expect(refused.map(\.code) == ["unknown_field"] && refused.map(\.eventID) == ["b"])
            let found = try store.asAdmin {
                try QuarantineReader.find(topic: refused[0].topic, partition: 0, offset: refused[0].offset, $0)
            }
            #expect(found == refused[0])
            let none = try store.asAdmin { session in
                try QuarantineReader.list(feed: "demo/other", code: nil, isAll: true, limit: 10, session)
                    + QuarantineReader.list(feed: nil, code: "decode", isAll: true, limit: 10, session)
            }
            #expect(none.isEmpty)
        }
    }

    @Test func aDiffNamesWhatWasAddedChangedAndRemoved() {
        let old = Fixture.plan(actions: 3)
        var new = Fixture.plan(actions: 4, version: "2")
        new.actions[0].titleNL = "Anders"
        new.actions[1].roles.removeLast()
        new.organisations.removeLast()
        new.actions[2].milestones[0].currentDue = Fixture.start.adding(days: 1)
        #expect(PlanDiff.lines(from: old, to: old) == [])
        #expect(
            PlanDiff.lines(from: old, to: new) == [
                "~ plan version: 1 → 2", "- organisation org-3 “Organisatie 3”",
                "~ action act-0 title_nl: Actie 0 → Anders",
                "~ action act-1 roles: ACTIEHOUDER org-1, BETROKKEN org-2 → ACTIEHOUDER org-1",
                "+ action act-3 “Actie 3”",
                "~ milestone act-2-m1 current_due: \(Fixture.start) → \(Fixture.start.adding(days: 1))",
                "+ milestone act-3-m1 “Mijlpaal”",
            ])
    }
}
