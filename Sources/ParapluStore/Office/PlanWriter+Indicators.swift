import ParapluModel
import Postgres

/// Writes the plan's indicators, their targets and the forms of exploitation.
extension PlanWriter {
    private static let copyIndicators = Statement(
        """
        COPY plan.indicator (indicator_id, n, name_nl, name_en, unit, aggregation, direction, source, is_about_minors,
            note, provenance) FROM STDIN (FORMAT binary)
        """)
    private static let copyTargets = Statement(
        """
        COPY plan.indicator_target (indicator_id, period, first_day, last_day, value_thousandths, provenance)
            FROM STDIN (FORMAT binary)
        """)
    private static let copyForms = Statement(
        """
        COPY plan.exploitation_form (form_id, n, code, name_nl, name_en, parent, valid_from, valid_until, is_in_force,
            provenance) FROM STDIN (FORMAT binary)
        """)

    private static let copyCodes = Statement(
        """
        COPY plan.breakdown_code (dimension, code, n, name_nl, name_en, valid_from, valid_until, provenance)
            FROM STDIN (FORMAT binary)
        """)

    static func copyIndicators(_ plan: Plan, _ session: PostgresSession) throws {
        var indicators = CopyBuffer()
        var targets = CopyBuffer()
        for (n, indicator) in plan.indicators.enumerated() {
            indicators.beginRow(columns: 11)
            indicators.append(text: indicator.id.rawValue)
            indicators.append(int4: Int32(n))
            indicators.append(text: indicator.nameNL)
            indicators.append(text: indicator.nameEN)
            indicators.append(text: indicator.unit.rawValue)
            indicators.append(text: indicator.aggregation.rawValue)
            indicators.append(text: indicator.direction.rawValue)
            indicators.append(optional: indicator.source?.rawValue)
            indicators.append(bool: indicator.isAboutMinors)
            indicators.append(text: indicator.note)
            indicators.append(text: indicator.provenance.rawValue)
            for target in indicator.targets {
                targets.beginRow(columns: 6)
                targets.append(text: indicator.id.rawValue)
                targets.append(text: target.period.text)
                targets.append(date: target.period.first.daysSince2000)
                targets.append(date: target.period.last.daysSince2000)
                targets.append(int8: target.value.thousandths)
                targets.append(text: target.provenance.rawValue)
            }
        }
        _ = try session.copyIn(copyIndicators, indicators)
        _ = try session.copyIn(copyTargets, targets)
        var forms = CopyBuffer()
        for (n, form) in plan.exploitationForms.enumerated() {
            forms.beginRow(columns: 10)
            forms.append(text: form.id.rawValue)
            forms.append(int4: Int32(n))
            forms.append(text: form.code)
            forms.append(text: form.nameNL)
            forms.append(text: form.nameEN)
            forms.append(optional: form.parent?.rawValue)
            forms.append(optional: form.validFrom)
            forms.append(optional: form.validUntil)
            forms.append(bool: form.isInForce)
            forms.append(text: form.provenance.rawValue)
        }
        _ = try session.copyIn(copyForms, forms)
        var codes = CopyBuffer()
        for (n, code) in plan.breakdownCodes.enumerated() {
            codes.beginRow(columns: 8)
            codes.append(text: code.breakdown.dimension.rawValue)
            codes.append(text: code.breakdown.category)
            codes.append(int4: Int32(n))
            codes.append(text: code.nameNL)
            codes.append(text: code.nameEN)
            codes.append(optional: code.validFrom)
            codes.append(optional: code.validUntil)
            codes.append(text: code.provenance.rawValue)
        }
        _ = try session.copyIn(copyCodes, codes)
    }
}
