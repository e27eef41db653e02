/// The two text forms in which metrics are read.
///
/// - Source: Prometheus text format 0.0.4; OpenMetrics 1.0.0.
package enum Exposition: Sendable, CaseIterable {
    case classic, openMetrics

    /// The form that an `Accept` header prefers; the classic one where it says nothing.
    package init(accept: String?) {
        var openMetrics = 0.0
        var classic = 0.0
        for part in (accept ?? "").lowercased().split(separator: ",").prefix(32) {
            let fields = part.split(separator: ";").map { $0.filter { $0 != " " } }
            let quality = fields.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
            switch fields.first {
            case "application/openmetrics-text": openMetrics = max(openMetrics, quality)
            case "text/plain", "text/*", "*/*": classic = max(classic, quality)
            default: break
            }
        }
        self = openMetrics > 0 && openMetrics >= classic ? .openMetrics : .classic
    }

    /// The `Content-Type` of the form.
    package var contentType: String {
        switch self {
        case .classic: "text/plain; version=0.0.4; charset=utf-8"
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        }
    }

    /// The families in this form.
    func text(of families: [any MetricFamily]) -> String {
        var text = ""
        for family in families {
            let description = family.description
            // The classic form names counters in full; OpenMetrics leaves `_total` to the samples.
            let name = self == .classic && description.kind == .counter ? description.name + "_total" : description.name
            text += "# TYPE \(name) \(description.kind.rawValue)\n"
            if self == .openMetrics, let unit = description.unit { text += "# UNIT \(name) \(unit)\n" }
            text += "# HELP \(name) \(escapedHelp(description.help))\n"
            for sample in family.samples() {
                text += description.name + sample.suffix
                if !sample.labels.isEmpty {
                    let labels = sample.labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }
                    text += "{\(labels.joined(separator: ","))}"
                }
                text += " \(Self.text(sample.value))\n"
            }
        }
        return self == .openMetrics ? text + "# EOF\n" : text
    }

    private static func text(_ value: MetricValue) -> String {
        switch value {
        case .integer(let number): String(number)
        case .number(let number): text(number)
        }
    }

    /// A number in canonical form: `1.0`, `0.005`, `1e-05`, `+Inf`.
    static func text(_ number: Double) -> String {
        if number.isNaN { return "NaN" }
        if number.isInfinite { return number < 0 ? "-Inf" : "+Inf" }
        return String(number)
    }

    private static func escaped(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }

    private func escapedHelp(_ help: String) -> String {
        let text = help.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
        return self == .openMetrics ? text.replacing("\"", with: "\\\"") : text
    }
}
