import ParapluConnectors
import ParapluModel

/// Steps 4 to 6 alone, in one thread: the same progress of actions as JSON, CSV and XML, decoded over and over.
struct FormatBench {
    let report: Report

    /// How many reports one message holds.
    private static let reports = 200
    /// How long each format is measured.
    private static let seconds = 3.0

    func run() throws {
        for (name, format, each, paths, message) in FormatBench.formats {
            let yaml = FormatBench.definition(format: format, each: each, paths: paths)
            let (connector, findings) = Connector.make(file: name, bytes: Array(yaml.utf8))
            guard let connector else { throw BenchFailure(findings.map(\.description).joined(separator: "\n")) }
            let bytes = Array(message.utf8)
            let example = StoredMessage(value: bytes)
            let decoder = MessageDecoder()
            var buffer = IntakeBuffer()
            var count = 0.0
            let start = Usage()
            var used = Usage()
            while used.seconds - start.seconds < FormatBench.seconds {
                buffer.removeAll()
                let intake = example.decode(connector, decoder, into: &buffer)
                if let rejection = intake.rejection { throw BenchFailure("\(name): \(rejection.violations[0])") }
                guard intake.records.count == FormatBench.reports else {
                    throw BenchFailure("\(name): records are missing")
                }
                count += 1
                used = Usage()
            }
            let cpu = used.since(start).cpu
            report.figure(
                "decode_\(name)", count * Double(bytes.count) / cpu / 1e6, unit: "MB/s",
                ["records_per_second": count * Double(FormatBench.reports) / cpu, "message_bytes": Double(bytes.count)])
        }
    }

    private typealias Paths = (action: String, day: String, lifecycle: String, rating: String, text: String)

    private static let formats: [(name: String, format: String, each: String, paths: Paths, message: String)] = [
        (
            "json", "{ bytes_max: 1048576, nodes_max: 100000 }", "/acties",
            ("id", "peildatum", "stand", "kleur", "toelichting"),
            "{\"acties\":["
                + rows.map {
                    """
                    {"id":"\($0)","peildatum":"2025-05-31","stand":"LOOPT","kleur":"GROEN","toelichting":"\(text)"}
                    """
                }.joined(separator: ",") + "]}"
        ),
        (
            "csv", "{ kind: csv, bytes_max: 1048576, nodes_max: 100000 }", "/rows",
            ("id", "peildatum", "stand", "kleur", "toelichting"),
            "id,peildatum,stand,kleur,toelichting\r\n"
                + rows.map { "\($0),2025-05-31,LOOPT,GROEN,\"\(text)\"\r\n" }.joined()
        ),
        (
            "xml",
            "{ kind: xml, root: v:acties, namespaces: { v: urn:v }, bytes_max: 1048576, nodes_max: 100000 }",
            "/v:actie",
            ("\"@id\"", "v:peildatum", "v:stand", "v:kleur", "v:toelichting"),
            "<acties xmlns=\"urn:v\">"
                + rows.map {
                    """
                    <actie id="\($0)"><peildatum>2025-05-31</peildatum><stand>LOOPT</stand><kleur>GROEN</kleur>\
                    <toelichting>\(text)</toelichting></actie>
                    """
                }.joined() + "</acties>"
        ),
    ]

    private static let rows = (1...reports).map { "act-1-\($0)" }
    private static let text = "De gemeente heeft het besluit genomen; de uitvoering begint na de zomer."

    private static func definition(format: String, each: String, paths: Paths) -> String {
        """
        connector: 1
        feed: bench/formats
        owner: { organisation: org-jenv, oin: "00000099000000101000", principal: "User:CN=bench" }
        topic: in.bench.formats.v1
        purpose: a measurement
        legal_basis: none is needed for invented data
        retention_months: 1
        format: \(format)
        key: none
        identity: [reporter, kind, action, as_of]
        authority: { actions: any, kinds: [progress.reported] }
        records:
          - kind: progress.reported
            each: \(each)
            fields:
              action: { path: \(paths.action) }
              as_of: { path: \(paths.day), date: iso }
              lifecycle: { path: \(paths.lifecycle), codes: canonical }
              rating: { path: \(paths.rating), codes: canonical }
            checks:
              - { path: \(paths.text), text: { length_max: 200 } }
        """
    }
}
