package import ParapluModel
package import Postgres

/// Reads indicators with what was said of them: rows of `report_v1.indicator*`.
package enum IndicatorReader {
    /// An indicator, with the latest figure of its latest period.
    package struct Row: Hashable, Sendable {
        package let id: IndicatorID
        package let nameNL: String
        package let unit: String
        package let aggregation: String
        package let source: OrganisationID?
        package let note: String
        /// The latest period of which its own series has the whole; nil where nothing was said.
        package let period: String?
        /// The figure as decimal text; nil where there is none that may be shown.
        package let value: String?
        package let flag: String?
        package let stage: String?
        /// How many findings there are about its figures.
        package let findings: Int64
    }

    /// One vintage of one figure.
    package struct Figure: Hashable, Sendable {
        package let period: String
        package let dimension: String?
        package let category: String?
        package let series: String
        package let reporter: OrganisationID
        package let vintage: Int32
        package let isLatest: Bool
        package let stage: String
        package let value: String?
        package let flag: String
        package let asOf: CalendarDate
        package let recordedAt: Timestamp
    }

    /// What is to be known of a figure before it is read.
    package struct Finding: Hashable, Sendable {
        package let code: String
        package let period: String
        package let dimension: String?
        package let category: String?
        package let reporter: OrganisationID
        package let value: String?
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
