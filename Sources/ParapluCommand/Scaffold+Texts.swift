extension Scaffold {
    /// The definition, with comments that say what each part is and which values are invented.
    var definition: String {
        """
        # Progress of the actions that \(partner) holds: \(form.words).
        #
        # Every value marked “invented” works as it is and stands for the partner's own. docs/connectors.md lists all keys
        # and operators; `paraplu connector lint` and `paraplu connector test` check this folder after each change.
        connector: 1
        feed: \(feed)
        owner:
          # Invented where it is no organisation of the plan (paraplu organisation list).
          organisation: \(organisation)
          # Invented where it begins with 00000099, the range for tests; the partner's own is in the OIN register of Logius.
          oin: "\(oin)"
          # tooi: https://identifier.overheid.nl/tooi/id/… where the organisation has one
          # Invented unless the broker's administrator gave it: the only principal that may write the topic.
          principal: \(principal)
        # Without the deployment's prefix. Another shape that older readers can't take is another topic: …v2.
        topic: \(topic)
        # Invented: why these data are processed (doelbinding), and on what legal basis (grondslag), as agreed with the partner.
        purpose: Consolidated reporting to Parliament on the programme Samen tegen mensenhandel.
        legal_basis: Public task (AVG article 6, paragraph 1, under e); no personal data.
        # Invented: how many months payloads are kept.
        retention_months: 24
        # “problems”: a receipt for what was refused or had no effect; “all”: for every message.
        receipts: problems
        \(format)
        # Whether the record key must equal a value: none, { path: … } or { attribute: … }.
        key: none
        # A report is the same one again when these are the same.
        identity: [reporter, kind, action, as_of, sequence]
        # Theirs: OURS. What isn't listed is refused as unknown_code.
        code_lists:
          stand:
            "nog niet begonnen": NIET_GESTART
            loopt: LOOPT
            stil: GEPAUZEERD
            gereed: AFGEROND_GEMELD
            gestopt: GESTOPT
          oordeel:
            groen: GROEN
            oranje: ORANJE
            rood: ROOD
            grijs: GRIJS
          reden:
            capaciteit: CAPACITEIT
            geld: FINANCIERING
            wetgeving: WETGEVING
            samenwerking: SAMENWERKING
            anders: OVERIG
        records:
          - kind: progress.reported\(each)
            fields:
              action: { path: \(path("actie")) }
              # Of which day the report speaks: never the day of sending.
              as_of: { path: \(path("peildatum")), date: iso }
              # Orders the reports of one day.
              sequence: { path: \(path("volgnummer")), number: { min: 1, max: 1000000 } }
              lifecycle: { path: \(path("stand")), codes: stand }
              rating: { path: \(path("oordeel")), codes: oordeel }
              reasons: { path: \(path("redenen")), codes: reden\(isTable ? ", split: \",\"" : "") }
            # Looked at and not kept.
            checks:
              - { path: \(path("toelichting")), text: { length_max: 1000 } }
        # Parts of the document that are known and left out; every other unknown field is refused.
        ignore: []
        authority:
          # any, or a list of the actions that this feed may report on.
          actions: any
          kinds: [progress.reported]

        """
    }

    /// Whether all values are text.
    private var isTable: Bool { form == .csv || form == .xml }

    /// Where a member is.
    private func path(_ member: String) -> String {
        switch form {
        case .json, .cloudevents: "/" + member
        case .csv: member
        case .xml: "\"/v:\(member)\""
        }
    }

    /// What the records go through.
    private var each: String {
        form == .csv ? "\n    # A record for each row; a path is a column's header.\n    each: /rows" : ""
    }

    /// The keys that depend on the form: format, and where id and version are.
    private var format: String {
        switch form {
        case .json:
            """
            format:
              envelope: none
            # Where a message without an envelope has its own id: the same id again is a duplicate.
            event:
              id: /bericht
            version:
              path: /versie
              accepted: ["1"]
            """
        case .cloudevents:
            """
            format:
              envelope: cloudevents
              # structured, binary or both
              mode: structured
            version:
              attribute: type
              accepted: [\(eventType)]
            """
        case .csv:
            """
            format:
              kind: csv
              separator: ";"
              # utf-8, with or without a byte order mark, or windows-1252
              encoding: utf-8
            """
        case .xml:
            """
            format:
              kind: xml
              # The root element; paths begin inside it. @name is an attribute.
              root: v:voortgang
              namespaces: { v: "\(namespace)" }
            # Where a message without an envelope has its own id: the same id again is a duplicate.
            event:
              id: "/@bericht"
            version:
              path: "/@versie"
              accepted: ["1"]
            """
        }
    }

    /// What the feed is, who sends it, and what is odd about its data; the parts to fill in are marked as invented.
    var readme: String {
        """
        # \(partner): \(name)

        **Invented**: this folder was made by `paraplu connector new`. Replace what is marked so by what is agreed with the
        partner, and this line by what the feed is.

        | | |
        |---|---|
        | purpose | **Invented**: progress of the actions that \(partner) holds, for the report to Parliament |
        | sent by | **Invented**: the planning system of \(partner); a person and a telephone number belong in the operator's own \
        records, not here |
        | when | **Invented**: each month, on the first working day, and after each decision |
        | form | \(form.words); topic `\(topic)` |

        \(form == .csv ? "One row" : "One message") is one action as of one day (`peildatum`). `volgnummer` orders the reports of a day; `redenen` is needed with
        amber and red.

        What is odd about the data:

        * **Invented**: nothing yet. Each way in which this partner's data are known to be wrong gets an example that is refused.

        The examples hold invented data only. `paraplu connector test` runs them; `paraplu connector test --accept` writes down what
        they give after a change of the definition, for review.

        """
    }
}

extension Scaffold.Form {
    /// The form in a few words.
    var words: String {
        switch self {
        case .json: "bare JSON, one flat object per message"
        case .cloudevents: "CloudEvents in structured mode"
        case .csv: "a table in CSV, one row per action"
        case .xml: "an XML document"
        }
    }
}
