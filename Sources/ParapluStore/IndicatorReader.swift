package import ParapluModel
package import Postgres

/// Reads indicators with what was said of them: rows of `report_v1.indicator*`.
package enum IndicatorReader {
    /// An indicator, with the latest figure of its latest period.
    package struct Row: Hashable, Sendable {
        /// The indicator's stable identifier.
        package let id: IndicatorID
        /// The name in Dutch.
        package let nameNL: String
        /// What is counted, as a code such as `persons` or `percent`.
        package let unit: String
        /// Which figures of it may be added, as a code such as `single_source`.
        package let aggregation: String
        /// The one organisation whose figures are the indicator's; nil where every reporter has its own part.
        package let source: OrganisationID?
        /// What must be shown wherever a figure of it is shown; empty where nothing must.
        package let note: String
        /// The latest period of which its own series has the whole; nil where nothing was said.
        package let period: String?
        /// The figure as decimal text; nil where there is none that may be shown.
        package let value: String?
        /// What that figure is, or why there is none, as a code of the list `value_flag`; nil where nothing was said.
        package let flag: String?
        /// How final that figure is by its source's word, as a code of the list `stage`; nil where nothing was said.
        package let stage: String?
        /// How many findings there are about its figures.
        package let findings: Int64
    }

    /// One vintage of one figure.
    package struct Figure: Hashable, Sendable {
        /// The period that it is about: `2023`, `2023-H1`, `2023-Q2`, `2023-05` or `2019-2023`.
        package let period: String
        /// The list by which it is broken down; nil for the whole.
        package let dimension: String?
        /// The part that it is of, as a code of the dimension; nil for the whole.
        package let category: String?
        /// Whose word it is: `authoritative`, `secondary` or `part`.
        package let series: String
        /// The organisation that reported it.
        package let reporter: OrganisationID
        /// Which word of its reporter on this figure it is, from 1, in the reporter's own order.
        package let vintage: Int32
        /// Whether it is its reporter's last word on this figure.
        package let isLatest: Bool
        /// How final it is by its source's word, as a code of the list `stage`.
        package let stage: String
        /// The figure as decimal text; nil where the flag says that there is none.
        package let value: String?
        /// What the figure is, or why there is none, as a code of the list `value_flag`.
        package let flag: String
        /// The day on which it was stated.
        package let asOf: CalendarDate
        /// When the commit that brought it was recorded.
        package let recordedAt: Timestamp
    }

    /// What is to be known of a figure before it is read.
    package struct Finding: Hashable, Sendable {
        /// What is to be known, such as `figure_two_counts` or `figure_restated`, or why the word takes no part.
        package let code: String
        /// The period of the figure, written as in `Figure`.
        package let period: String
        /// The list by which the figure is broken down; nil for the whole.
        package let dimension: String?
        /// The part, as a code of the dimension; nil for the whole, and where it is about all parts of a dimension.
        package let category: String?
        /// The organisation that reported the figure; of two counts the one that isn't the indicator's source.
        package let reporter: OrganisationID
        /// The figure as decimal text, of two counts the source's; nil where the finding names none.
        package let value: String?
        /// The other count, the earlier figure or the sum of the parts, as decimal text; nil where there is none.
        package let other: String?
    }

    private static let list = Statement(
        """
        SELECT i.indicator_id, i.name_nl, i.unit, i.aggregation, i.source, i.note, l.period, l.value::text, l.flag, l.stage,
            (SELECT count(*) FROM report_v1.indicator_finding AS f WHERE f.indicator_id = i.indicator_id)
        FROM report_v1.indicator AS i
        LEFT JOIN LATERAL (
            SELECT f.period, f.value, f.flag, f.stage FROM report_v1.indicator_figure AS f
            WHERE f.indicator_id = i.indicator_id AND f.is_latest AND f.series = 'authoritative' AND f.dimension IS NULL
            ORDER BY f.period_last DESC, f.period_first DESC LIMIT 1) AS l ON true
        ORDER BY i.indicator_id COLLATE "C"
        """)
    private static let readFigures = Statement(
        """
        SELECT period, dimension, category, series, reporter, vintage, is_latest, stage, value::text, flag, as_of, recorded_at
        FROM report_v1.indicator_figure WHERE indicator_id = $1
        ORDER BY period_first, period_last, dimension COLLATE "C" NULLS FIRST, category COLLATE "C" NULLS FIRST, series,
            reporter COLLATE "C", vintage
        LIMIT $2
        """)
    private static let readFindings = Statement(
        """
        SELECT code, period, dimension, category, reporter, value::text, other::text
        FROM report_v1.indicator_finding WHERE indicator_id = $1
        ORDER BY period, code, dimension COLLATE "C" NULLS FIRST, category COLLATE "C" NULLS FIRST, reporter COLLATE "C"
        LIMIT $2
        """)

    /// The most figures, and the most findings, that are read of one indicator.
    package static let rowsMax: Int64 = 100_000

    /// All indicators of the plan in force, in the byte order of their ids.
    package static func list(_ session: PostgresSession) throws -> [Row] {
        try session.execute(list).map { row in
            Row(
                id: IndicatorID(unchecked: row.string(0)), nameNL: row.string(1), unit: row.string(2),
                aggregation: row.string(3), source: row.stringOrNil(4).map(OrganisationID.init(unchecked:)),
                note: row.string(5), period: row.stringOrNil(6), value: row.stringOrNil(7), flag: row.stringOrNil(8),
                stage: row.stringOrNil(9), findings: row.int8(10))
        }
    }

    /// Every vintage of an indicator's figures, by period and part.
    package static func figures(of id: IndicatorID, _ session: PostgresSession) throws -> [Figure] {
        try session.execute(readFigures, [.text(id.rawValue), .int8(rowsMax)]).map { row in
            Figure(
                period: row.string(0), dimension: row.stringOrNil(1), category: row.stringOrNil(2),
                series: row.string(3), reporter: OrganisationID(unchecked: row.string(4)), vintage: row.int4(5),
                isLatest: row.bool(6), stage: row.string(7), value: row.stringOrNil(8), flag: row.string(9),
                asOf: CalendarDate(daysSince2000: row.date(10)),
                recordedAt: Timestamp(microsecondsSince2000: row.timestamp(11)))
        }
    }

    /// What is to be known of an indicator's figures.
    package static func findings(of id: IndicatorID, _ session: PostgresSession) throws -> [Finding] {
        try session.execute(readFindings, [.text(id.rawValue), .int8(rowsMax)]).map { row in
            Finding(
                code: row.string(0), period: row.string(1), dimension: row.stringOrNil(2),
                category: row.stringOrNil(3), reporter: OrganisationID(unchecked: row.string(4)),
                value: row.stringOrNil(5), other: row.stringOrNil(6))
        }
    }
}
