-- Forms of exploitation that are part of another one count in that one: the whole is the sum of the others alone.
CREATE OR REPLACE VIEW report_v1.indicator_finding WITH (security_barrier) AS
    WITH RECURSIVE latest AS (SELECT * FROM progress.observation WHERE is_latest),
    above (form_id, ancestor) AS (
        SELECT form_id, parent FROM plan.exploitation_form WHERE parent IS NOT NULL
        UNION
        SELECT a.form_id, f.parent FROM above AS a
        JOIN plan.exploitation_form AS f ON f.form_id = a.ancestor AND f.parent IS NOT NULL)
    SELECT f.code, f.indicator_id, f.period, f.dimension, f.category, f.reporter, f.value, f.other, w.commit AS watermark_commit,
        w.recorded_at AS watermark_recorded_at
    FROM report_v1.watermark AS w CROSS JOIN (
        SELECT 'figure_two_counts' AS code, a.indicator_id, a.period, nullif(a.dimension, '') AS dimension,
            nullif(a.category, '') AS category, b.reporter, a.value, b.value AS other
        FROM latest AS a
        JOIN latest AS b USING (indicator_id, period, dimension, category)
        WHERE a.series = 'authoritative' AND b.series = 'secondary' AND a.value <> b.value
        UNION ALL
        SELECT 'figure_restated', a.indicator_id, a.period, nullif(a.dimension, ''), nullif(a.category, ''), a.reporter,
            a.value, b.value
        FROM latest AS a
        JOIN LATERAL (
            SELECT e.value FROM progress.observation AS e
            WHERE e.indicator_id = a.indicator_id AND e.period = a.period AND e.dimension = a.dimension
                AND e.category = a.category AND e.reporter = a.reporter AND e.vintage BETWEEN 1 AND a.vintage - 1
                AND e.value IS NOT NULL
            ORDER BY e.vintage DESC LIMIT 1) AS b ON b.value <> a.value
        UNION ALL
        SELECT 'figure_not_additive', t.indicator_id, t.period, p.dimension, NULL, t.reporter, t.value, p.value
        FROM latest AS t
        JOIN (
            SELECT l.indicator_id, l.period, l.reporter, l.dimension, sum(l.value) AS value
            FROM latest AS l
            WHERE l.dimension <> '' AND l.unit <> 'percent'
                AND NOT EXISTS (
                    SELECT FROM above AS a
                    JOIN latest AS p ON p.category = a.ancestor AND p.dimension = l.dimension
                        AND p.indicator_id = l.indicator_id AND p.period = l.period AND p.reporter = l.reporter
                    WHERE l.dimension = 'uitbuitingsvorm' AND a.form_id = l.category)
            GROUP BY l.indicator_id, l.period, l.reporter, l.dimension
            HAVING bool_and(l.value IS NOT NULL)) AS p
            ON p.indicator_id = t.indicator_id AND p.period = t.period AND p.reporter = t.reporter
        WHERE t.dimension = '' AND t.value <> p.value
        UNION ALL
        SELECT 'figure_suppressed', l.indicator_id, l.period, nullif(l.dimension, ''), nullif(l.category, ''), l.reporter,
            NULL, NULL
        FROM latest AS l WHERE l.flag IN ('S1', 'S2')
        UNION ALL
        SELECT 'reports_not_persons', r.indicator_id, l.period, NULL, NULL, l.reporter, sum(l.value), NULL
        FROM plan.indicator AS r
        JOIN latest AS l ON l.indicator_id = r.indicator_id AND l.series = 'authoritative' AND l.dimension <> ''
        WHERE r.aggregation = 'reports_not_persons'
        GROUP BY r.indicator_id, l.period, l.dimension, l.reporter
        HAVING bool_and(l.value IS NOT NULL)
        UNION ALL
        SELECT o.disposition, o.indicator_id, o.period, nullif(o.dimension, ''), nullif(o.category, ''), o.reporter, NULL, NULL
        FROM progress.observation AS o WHERE o.series = 'none'
    ) AS f;
