import ParapluModel
import ParapluRules
import ParapluStore
import Postgres
import Testing

@Suite("What the store says of any day")
struct StatusAsOfTests {
    private static let asOf = Statement(
        """
        SELECT concat_ws(' ', action_id, lifecycle, rating, coalesce(reported_rating, '-'), data_state, flags, reasons,
            coalesce(holder, '-'), coalesce(as_of::text, '-'), coalesce(last_known_rating, '-'))
        FROM report_v1.status_as_of($1, 'infinity') ORDER BY action_id COLLATE "C"
        """)

    @Test("status_as_of says on every day, past and to come, what the rules say", arguments: [21, 22, 23] as [UInt64])
    func everyDay(seed: UInt64) async throws {
        try await StoreHarness.with { store in
            try PropertyTests.run(store, seed: seed, batches: 25)
            let today = try store.today()
            let plan = try PlanStore.current(store.session)
            let ids = plan.actions.keys.sorted { $0.rawValue < $1.rawValue }
            let histories = try ProjectionStore.histories(ids, before: .max, store.session)
            let timelines = ids.compactMap { plan.actions[$0] }.map { action in
                timeline(
                    of: action, facts: (histories[action.id] ?? []).map(\.fact), organisations: plan.organisations,
                    settings: plan.settings)
            }
            var steps = 0

            for days in stride(from: -300, through: 1_000, by: 13) {
                let day = today.adding(days: days)
                let expected = zip(ids, timelines).map { id, timeline in Self.text(id, timeline.status(on: day)) }

                let said = try store.texts(Self.asOf, [.date(day.daysSince2000)])

                #expect(said == expected, "on \(day)")
                steps += timelines.count { timeline in
                    timeline.rows.last { $0.validFrom <= day }?.steps.contains { $0.from <= day } ?? false
                }
            }
            #expect(steps > 500, "many of the days lie behind a step that time alone brought")
        }
    }

    private static func text(_ id: ActionID, _ status: ActionStatus) -> String {
        [
            id.rawValue, status.lifecycle.rawValue, status.rating.rawValue, status.reportedRating?.rawValue ?? "-",
            status.dataState.rawValue, "{\(status.flags.map(\.rawValue).joined(separator: ","))}",
            "{\(status.reasons.map(\.description).joined(separator: ","))}", status.holder?.rawValue ?? "-",
            status.asOf?.description ?? "-", status.lastKnownRating?.rawValue ?? "-",
        ].joined(separator: " ")
    }
}
