import ParapluConnectors

extension FuzzFeed {
    /// Feeds that use what formats offer, whether or not a partner does.
    static func own() -> [(FuzzFormat, FuzzFeed)] {
        var feeds: [(FuzzFormat, FuzzFeed)] = []
        func add(_ format: FuzzFormat, _ name: String, _ form: String, _ rest: String, _ seeds: [StoredMessage]) {
            let yaml = """
                connector: 1
                feed: fuzz/\(name)
                owner: { organisation: org-jenv, oin: "00000099000000101000", principal: "User:CN=fuzz" }
                topic: in.fuzz.\(name).v1
                purpose: a test
                legal_basis: none is needed for invented data
                retention_months: 1
                format: \(form)
                key: none
                identity: [reporter, kind, action, as_of]
                authority: { actions: any, kinds: [progress.reported, milestone.reported] }
                \(rest)
                """
            let (connector, findings) = Connector.make(file: name, bytes: Array(yaml.utf8))
            guard let connector, let feed = FuzzFeed(name: "fuzz/\(name)", connector: connector, seeds: seeds) else {
                preconditionFailure("the definition is good: \(findings)")
            }
            feeds.append((format, feed))
        }
        let table = """
            records:
              - kind: progress.reported
                each: /rows
                fields:
                  action: { path: Actie }
                  as_of: { path: Peildatum, date: dd-mm-yyyy }
                  sequence: { path: Nr, number: { min: 0 } }
                  lifecycle: { path: Stand, codes: canonical }
                  rating: { path: Kleur, codes: canonical }
                  reasons: { path: Oorzaken, codes: canonical, split: "/" }
            """
        let rows = "Actie;Peildatum;Nr;Stand;Kleur;Oorzaken\r\n"
        let good =
            rows
            + "act-1-01;31-05-2025;7;LOOPT;GROEN;\r\nact-1-02;31-05-2025;;LOOPT;ORANJE;\"CAPACITEIT/WETGEVING\"\r\n"
        let bad = rows + "act-1-01;31-02-2025;-1;\"LO\"\"OPT\";;\r\n;;;;;\r\n"
        add(
            .csv, "tabel", "{ kind: csv, separator: \";\", bytes_max: 65536 }", table,
            [good, "\u{FEFF}" + good, bad].map { StoredMessage(value: Array($0.utf8)) })
        add(
            .csv, "venster", "{ kind: csv, separator: \";\", encoding: windows-1252, nodes_max: 200 }", table,
            [Array(good.utf8), Array(rows.utf8) + [0x80, 0xE9, 0x3B, 0x81]].map { StoredMessage(value: $0) })

        let elements = """
            version: { path: /@versie, accepted: ["1"] }
            ignore: [/v:bijlage, "/@xml:lang"]
            records:
              - kind: progress.reported
                each: /v:acties/v:actie
                fields:
                  action: { path: "@id" }
                  as_of: { path: /v:peildatum, date: iso }
                  lifecycle: { path: v:stand, codes: canonical }
                  rating: { path: "w:kleur/#text", codes: canonical }
                checks:
                  - { path: "w:kleur/@code", text: { length_max: 40 } }
            """
        let document = """
            <?xml version="1.0" encoding="UTF-8"?>
            <v:voortgang xmlns:v="urn:v" xmlns:w="urn:w" versie="1" xml:lang="nl"><v:peildatum>2025-05-31</v:peildatum>
            <v:acties><v:actie id="act-1-01"><v:stand>LOOPT</v:stand><w:kleur code="&#233;">GROEN</w:kleur></v:actie>
            <!-- niets --><v:actie id="act-1-02"><v:stand><![CDATA[LOOPT]]></v:stand><w:kleur>GROEN</w:kleur></v:actie></v:acties>
            <v:bijlage><p>een</p><p>twee</p></v:bijlage></v:voortgang>
            """
        let form = "{ kind: xml, root: v:voortgang, namespaces: { v: urn:v, w: urn:w }, bytes_max: 65536 }"
        add(
            .xml, "elementen", form, elements,
            [
                document, document.replacing("UTF-8", with: "windows-1252").replacing("niets", with: "iets"),
                "<!DOCTYPE v [<!ENTITY a 'aaaa'>]>" + document, document.replacing("LOOPT", with: "&a;"),
            ].map { StoredMessage(value: Array($0.utf8)) })
        return feeds
    }
}
