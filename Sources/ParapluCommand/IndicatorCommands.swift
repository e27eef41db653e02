internal import JSON
internal import ParapluModel
internal import ParapluStore

extension Command {
    /// The command `paraplu indicator list`.
    static let indicatorList = Command(
        "indicator list", summary: "show the plan's indicators, each with its latest figure",
        details: """
            The figure is the latest word of the indicator's one source on its latest period. NOTES counts what is to be known
            before it is read; paraplu indicator show tells it. Indicators come with the plan: paraplu plan apply.
            """,
        example: "paraplu indicator list --output json"
    ) { call in
        let indicators = try call.services.withDatabase { try IndicatorReader.list($0) }
        if call.isJSON {
            call.terminal.print(
                json: JSONWriter.object { json in
                    json.list("indicators", indicators) { row, json in json.object { row.write(in: &$0) } }
                })
            return .done
        }
        var table = Table(columns: [
            .init("INDICATOR"), .init("NAME", isFlexible: true), .init("UNIT"), .init("SOURCE"), .init("PERIOD"),
            .init("FIGURE", isRight: true), .init("STAGE"), .init("NOTES", isRight: true),
        ])
        for row in indicators {
            table.add([
                row.id.rawValue, row.nameNL, row.unit, row.source?.rawValue ?? "–", row.period ?? "–",
                figure(row.value, row.flag), row.stage ?? "–", String(row.findings),
            ])
        }
        call.terminal.print(table)
        return .done
    }

    /// The command `paraplu indicator show`.
    static let indicatorShow = Command(
        "indicator show", operands: "INDICATOR", 1...1, summary: "show every vintage of an indicator's figures",
        details: """
            One line per word: what whole or part it is about, whose it is, and which vintage; * marks the last. S1 and S2
            stand for small counts that are suppressed, and for what would give them away. Below the table is what is to be
            known before the figures are read.
            """,
        example: "paraplu indicator show ind-slachtoffers-comensha"
    ) { call in
        guard let id = IndicatorID(call.operands[0]) else {
            throw UsageError("“\(call.operands[0])” is not the id of an indicator; see paraplu indicator list")
        }
        let (found, figures, findings) = try call.services.withDatabase { session in
            guard let found = try IndicatorReader.list(session).first(where: { $0.id == id }) else {
                throw StoreError.unknown(kind: "indicator", name: id.rawValue)
            }
            return (
                found, try IndicatorReader.figures(of: id, session), try IndicatorReader.findings(of: id, session)
            )
        }
        if call.isJSON {
            call.terminal.print(
                json: JSONWriter.object { json in
                    found.write(in: &json)
                    json.list("figures", figures) { figure, json in json.object { figure.write(in: &$0) } }
                    json.list("notes", findings) { finding, json in json.object { finding.write(in: &$0) } }
                })
            return .done
        }
        call.terminal.print("\(found.nameNL) (\(found.unit))\n")
        if !found.note.isEmpty { call.terminal.print(found.note + "\n") }
        call.terminal.print("\n")
        var table = Table(columns: [
            .init("PERIOD"), .init("PART", isFlexible: true), .init("SERIES"), .init("REPORTER"),
            .init("VINTAGE", isRight: true), .init("FIGURE", isRight: true), .init("STAGE"), .init("STATED ON"),
        ])
        for row in figures {
            table.add([
                row.period, [row.dimension, row.category].compactMap { $0 }.joined(separator: " "), row.series,
                row.reporter.rawValue, String(row.vintage) + (row.isLatest ? "*" : " "), figure(row.value, row.flag),
                row.stage, row.asOf.description,
            ])
        }
        call.terminal.print(table)
        guard !findings.isEmpty else { return .done }
        var notes = Table(columns: [
            .init("NOTE"), .init("PERIOD"), .init("PART", isFlexible: true), .init("REPORTER"),
            .init("FIGURE", isRight: true), .init("OTHER", isRight: true),
        ])
        for row in findings {
            notes.add([
                row.code, row.period, [row.dimension, row.category].compactMap { $0 }.joined(separator: " "),
                row.reporter.rawValue, row.value ?? "–", row.other ?? "–",
            ])
        }
        call.terminal.print("\n")
        call.terminal.print(notes)
        return .done
    }

    /// A figure, or the flag that says why there is none.
    private static func figure(_ value: String?, _ flag: String?) -> String { value ?? flag ?? "–" }
}

extension IndicatorReader.Row {
    fileprivate func write(in json: inout JSONWriter) {
        json.text("indicator_id", id.rawValue)
        json.text("name_nl", nameNL)
        json.text("unit", unit)
        json.text("aggregation", aggregation)
        json.text("source", source?.rawValue)
        json.text("note", note)
        json.text("period", period)
        json.text("value", value)
        json.text("flag", flag)
        json.text("stage", stage)
        json.number("notes_count", findings)
    }
}

extension IndicatorReader.Figure {
    fileprivate func write(in json: inout JSONWriter) {
        json.text("period", period)
        json.text("dimension", dimension)
        json.text("category", category)
        json.text("series", series)
        json.text("reporter", reporter.rawValue)
        json.number("vintage", Int64(vintage))
        json.flag("is_latest", isLatest)
        json.text("stage", stage)
        json.text("value", value)
        json.text("flag", flag)
        json.text("as_of", asOf.description)
        json.text("recorded_at", recordedAt.description)
    }
}

extension IndicatorReader.Finding {
    fileprivate func write(in json: inout JSONWriter) {
        json.text("code", code)
        json.text("period", period)
        json.text("dimension", dimension)
        json.text("category", category)
        json.text("reporter", reporter.rawValue)
        json.text("value", value)
        json.text("other", other)
    }
}
