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
            let now = try store.asReport { try StatusReader.actions($0) }
            #expect(now.commit == second.stamp.number && now.recordedAt == second.stamp.recordedAt)
            #expect(now.rows.map(\.rating) == ["ROOD", "GRIJS", "GRIJS"])
            #expect(now.rows[0].reasons.count == 1)
            let before = try store.asReport {
                try StatusReader.actions(on: today, knownOn: first.stamp.recordedAt, $0)
            }
            #expect(before.rows.map(\.rating) == ["ORANJE", "GRIJS", "GRIJS"])
            let rollups = try store.asReport { try StatusReader.rollups($0) }
            #expect(
                rollups.rows.map(\.subject) == [
                    "goal/goal-1", "goal/goal-2", "line/line-1", "line/line-2", "line/line-3", "programme",
                ])
            let causes = try store.asReport { try StatusReader.explain(.action(Fixture.action(0)), $0) }
            #expect(causes.rows.map(\.kind).sorted() == ["milestone.reported", "progress.reported"])
            #expect(causes.rows.allSatisfy { $0.partition == 1 && $0.offset == 0 && $0.disposition == "effective" })
            let refused = try store.asReport { try StatusReader.rejections(feed: StoreHarness.feed, limit: 10, $0) }
            #expect(refused.rows.map(\.code) == ["unknown_field"] && refused.rows.map(\.eventID) == ["b"])
            let none = try store.asReport {
                try StatusReader.rejections(feed: FeedID(unchecked: "demo/other"), limit: 10, $0)
            }
            #expect(none.rows.count == 0 && none.commit == second.stamp.number)
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
