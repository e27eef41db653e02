import ParapluModel
import ParapluRules
import Postgres

/// Writes what is said of indicators: every word a row, with its series, its vintage and what of it may be shown.
///
/// A word on one figure may change what may be shown of the others of its indicator and year, so that all of these are
/// judged again; they are few. The statements name the projection without a schema, as in `ProjectionStore`.
enum ObservationStore {
    private static let loadWords = Statement(
        """
        SELECT f.stream_id, f.position, f.record, f.identity, f.body, o.commit
        FROM unnest($1::text[], $2::date[], $3::date[]) AS u (indicator_id, first, last)
        JOIN observation AS o ON o.indicator_id = u.indicator_id AND o.period_first >= u.first AND o.period_last <= u.last
            AND (u.last - u.first < 366 OR (o.period_first = u.first AND o.period_last = u.last))
        JOIN journal.fact AS f USING (stream_id, position, record)
        """, name: "load_observations")
    private static let countWords = Statement(
        """
        SELECT u.indicator_id, u.first, u.last, count(o.stream_id)
        FROM unnest($1::text[], $2::date[], $3::date[]) AS u (indicator_id, first, last)
        JOIN observation AS o ON o.indicator_id = u.indicator_id AND o.period_first >= u.first AND o.period_last <= u.last
            AND (u.last - u.first < 366 OR (o.period_first = u.first AND o.period_last = u.last))
        GROUP BY u.indicator_id, u.first, u.last
        """, name: "count_observations")
    private static let groups = Statement("SELECT DISTINCT indicator_id, period_first, period_last FROM observation")
    private static let upsert = Statement(
        """
        INSERT INTO observation AS o (stream_id, position, record, indicator_id, period, period_first, period_last,
            dimension, category, reporter, as_of, report_order, series, disposition, vintage, is_latest, unit, stage, value,
            flag, commit)
        SELECT u.stream_id, u.position, u.record, u.indicator_id, u.period, u.period_first, u.period_last, u.dimension,
            u.category, u.reporter, u.as_of, u.report_order, u.series, u.disposition, u.vintage, u.is_latest, u.unit,
            u.stage, trim_scale(u.thousandths / 1000.0), u.flag, u.commit
        FROM unnest($1::integer[], $2::bigint[], $3::smallint[], $4::text[], $5::text[], $6::date[], $7::date[],
            $8::text[], $9::text[], $10::text[], $11::date[], $12::bigint[], $13::text[], $14::text[], $15::integer[],
            $16::boolean[], $17::text[], $18::text[], $19::bigint[], $20::text[], $21::bigint[])
            AS u (stream_id, position, record, indicator_id, period, period_first, period_last, dimension, category,
            reporter, as_of, report_order, series, disposition, vintage, is_latest, unit, stage, thousandths, flag, commit)
        ON CONFLICT (stream_id, position, record) DO UPDATE SET series = EXCLUDED.series,
            disposition = EXCLUDED.disposition, vintage = EXCLUDED.vintage, is_latest = EXCLUDED.is_latest,
            value = EXCLUDED.value, flag = EXCLUDED.flag
        WHERE (o.series, o.disposition, o.vintage, o.is_latest, o.value, o.flag) IS DISTINCT FROM
            (EXCLUDED.series, EXCLUDED.disposition, EXCLUDED.vintage, EXCLUDED.is_latest, EXCLUDED.value, EXCLUDED.flag)
        """, name: "save_observations")

    /// The most words on one indicator and year that are judged together; what comes when there are so many takes no part.
    static let wordsMax: Int64 = 20_000

    /// The figures of one indicator that are judged together: those of the periods of a calendar year, which add up, or of one
    /// period of several years.
    private struct Group: Hashable, Comparable {
        let indicator: IndicatorID
        let first: CalendarDate
        let last: CalendarDate

        /// The group of a period from the first to the last day.
        init(_ indicator: IndicatorID, from first: CalendarDate, through last: CalendarDate) {
            self.indicator = indicator
            let year = first.components.year
            let isOfOneYear = year == last.components.year
            self.first = isOfOneYear ? CalendarDate(year: year, month: 1, day: 1) ?? first : first
            self.last = isOfOneYear ? CalendarDate(year: year, month: 12, day: 31) ?? last : last
        }

        static func < (left: Group, right: Group) -> Bool {
            (left.indicator, left.first, left.last) < (right.indicator, right.first, right.last)
        }
    }

    /// A word with the commit that brought it.
    private struct Word {
        let fact: FoldFact
        let commit: Int64
    }

    /// Takes words that a commit made effective, and returns those that take no part, or beside the indicator's source.
    static func take(
        _ facts: [FoldFact], plan: PlanIndex, stamp: CommitStamp, _ session: PostgresSession
    ) throws -> [(FactCoordinates, Disposition)] {
        guard !facts.isEmpty else { return [] }
        var words: [Group: [Word]] = [:]
        for fact in facts {
            guard let group = group(of: fact) else { continue }
            words[group, default: []].append(Word(fact: fact, commit: stamp.number))
        }
        return try judge(words, plan, session)
    }

    /// Judges every figure again where a new plan has other units, sources, codes or another smallest count: nothing, where
    /// only actions changed.
    ///
    /// Under the commit clock, so that it is left out wherever it can be.
    static func replan(
        _ plan: PlanIndex, previous: PlanIndex, _ session: PostgresSession
    ) throws {
        guard
            plan.indicators != previous.indicators || plan.forms != previous.forms
                || plan.breakdownCodes != previous.breakdownCodes || plan.organisations != previous.organisations
                || plan.settings.countMin != previous.settings.countMin
        else { return }
        var words: [Group: [Word]] = [:]
        for row in try session.execute(groups) {
            words[group(row)] = []
        }
        if !words.isEmpty { _ = try judge(words, plan, session) }
    }

    private static func group(of fact: FoldFact) -> Group? {
        guard case .observation(let observation) = fact.fact.record.content else { return nil }
        return Group(observation.indicator, from: observation.period.first, through: observation.period.last)
    }

    private static func group(_ row: Row) -> Group {
        Group(
            IndicatorID(unchecked: row.string(0)), from: CalendarDate(daysSince2000: row.date(1)),
            through: CalendarDate(daysSince2000: row.date(2)))
    }

    private static func arrays(_ groups: some Collection<Group>) -> [Parameter] {
        var indicators = BinaryArray(.text)
        var firsts = BinaryArray(.date)
        var lasts = BinaryArray(.date)
        for group in groups.sorted() {
            indicators.append(text: group.indicator.rawValue)
            firsts.append(date: group.first.daysSince2000)
            lasts.append(date: group.last.daysSince2000)
        }
        return [.array(indicators), .array(firsts), .array(lasts)]
    }

    /// Those of the groups that take no more words.
    private static func full(_ groups: some Collection<Group>, _ session: PostgresSession) throws -> [Group] {
        try session.execute(countWords, arrays(groups)).filter { $0.int8(3) >= wordsMax }.map(group)
    }

    private static func judge(
        _ arrived: [Group: [Word]], _ plan: PlanIndex, _ session: PostgresSession
    ) throws -> [(FactCoordinates, Disposition)] {
        var words = arrived
        var rows = ObservationRows()
        var dispositions: [(FactCoordinates, Disposition)] = []
        for group in try full(arrived.keys, session) {
            for word in words.removeValue(forKey: group) ?? [] {
                rows.add(word.fact, FigureState.tooMany, commit: word.commit)
                dispositions.append((word.fact.coordinates, .tooMany))
            }
        }
        let new = Set(arrived.values.joined().map(\.fact.coordinates))
        for row in try session.execute(loadWords, arrays(words.keys)) {
            let fact = FoldFact(
                record: try JournalReader.record(row.bytes(4)), identity: ShortHash(row.uuid(3)),
                coordinates: FactCoordinates(stream: row.int4(0), position: row.int8(1), record: row.int2(2)))
            guard let group = group(of: fact), !new.contains(fact.coordinates) else { continue }
            words[group, default: []].append(Word(fact: fact, commit: row.int8(5)))
        }
        for group in words.keys.sorted() {
            guard let words = words[group] else { continue }
            let states = figureStates(of: words.map(\.fact.fact), plan: plan.indicatorPlan, settings: plan.settings)
            for (word, state) in zip(words, states) {
                rows.add(word.fact, state, commit: word.commit)
                if new.contains(word.fact.coordinates), state.disposition != .effective {
                    dispositions.append((word.fact.coordinates, state.disposition))
                }
            }
        }
        try session.execute(upsert, rows.parameters)
        return dispositions.sorted {
            ($0.0.stream, $0.0.position, $0.0.record) < ($1.0.stream, $1.0.position, $1.0.record)
        }
    }
}

extension [FoldFact] {
    /// Those about actions, which are folded, and those about indicators.
    func split() -> (actions: [FoldFact], observations: [FoldFact]) {
        // Nearly always there are none of the latter: no copy.
        guard contains(where: { $0.fact.record.indicator != nil }) else { return (self, []) }
        return (filter { $0.fact.record.indicator == nil }, filter { $0.fact.record.indicator != nil })
    }
}

/// Rows of `observation` as the arrays that the statement takes.
private struct ObservationRows {
    private var streams = BinaryArray(.int4)
    private var positions = BinaryArray(.int8)
    private var records = BinaryArray(.int2)
    private var indicators = BinaryArray(.text)
    private var periods = BinaryArray(.text)
    private var firsts = BinaryArray(.date)
    private var lasts = BinaryArray(.date)
    private var dimensions = BinaryArray(.text)
    private var categories = BinaryArray(.text)
    private var reporters = BinaryArray(.text)
    private var days = BinaryArray(.date)
    private var orders = BinaryArray(.int8)
    private var series = BinaryArray(.text)
    private var dispositions = BinaryArray(.text)
    private var vintages = BinaryArray(.int4)
    private var latest = BinaryArray(.bool)
    private var units = BinaryArray(.text)
    private var stages = BinaryArray(.text)
    private var values = BinaryArray(.int8)
    private var flags = BinaryArray(.text)
    private var commits = BinaryArray(.int8)

    mutating func add(_ fact: FoldFact, _ state: FigureState, commit: Int64) {
        guard case .observation(let observation) = fact.fact.record.content else { return }
        streams.append(int4: fact.coordinates.stream)
        positions.append(int8: fact.coordinates.position)
        records.append(int2: fact.coordinates.record)
        indicators.append(text: observation.indicator.rawValue)
        periods.append(text: observation.period.text)
        firsts.append(date: observation.period.first.daysSince2000)
        lasts.append(date: observation.period.last.daysSince2000)
        dimensions.append(text: observation.breakdown?.dimension.rawValue ?? "")
        categories.append(text: observation.breakdown?.category ?? "")
        reporters.append(text: fact.fact.record.reporter.rawValue)
        days.append(date: fact.fact.record.asOf.daysSince2000)
        orders.append(int8: fact.fact.key.order)
        series.append(text: state.series.rawValue)
        dispositions.append(text: state.disposition.rawValue)
        vintages.append(int4: Int32(state.vintage))
        latest.append(bool: state.isLatest)
        units.append(text: observation.unit.rawValue)
        stages.append(text: observation.stage.rawValue)
        if let value = state.value { values.append(int8: value.thousandths) } else { values.appendNull() }
        flags.append(text: state.flag.rawValue)
        commits.append(int8: commit)
    }

    var parameters: [Parameter] {
        [
            .array(streams), .array(positions), .array(records), .array(indicators), .array(periods), .array(firsts),
            .array(lasts), .array(dimensions), .array(categories), .array(reporters), .array(days), .array(orders),
            .array(series), .array(dispositions), .array(vintages), .array(latest), .array(units), .array(stages),
            .array(values), .array(flags), .array(commits),
        ]
    }
}
