import ParapluModel

/// Gives messages their bytes: each feed's own shape.
struct MessageEncoder {
    /// A record of Kafka's, but for its coordinates.
    struct Bytes {
        var key: [UInt8]?
        var headers: [(String, [UInt8])]
        var value: [UInt8]
    }

    private let actions: [PlannedAction]

    private static let structuredHeaders = [
        ("content-type", Array("application/cloudevents+json; charset=UTF-8".utf8))
    ]

    init(_ plan: Plan) { actions = plan.actions }

    func bytes(of message: BenchMessage) -> Bytes {
        let first = message.items[0]
        let action = actions[first.action].id.rawValue
        var key: String?
        var headers: [(String, [UInt8])] = []
        var value: String
        switch message.feed {
        case .jenv:
            key = action
            headers = MessageEncoder.structuredHeaders
            value = jenv(message, first, action)
        case .szw:
            headers = szwHeaders(message)
            value = szw(message, first, action)
        case .vws:
            key = action
            value = vws(message, first, action)
        case .bz:
            headers = MessageEncoder.structuredHeaders
            value = bz(message, first, action)
        case .politie: value = politie(message)
        case .comensha: value = comensha(message, first, action)
        }
        var bytes = Array(value.utf8)
        if message.flaw == .truncated { bytes.removeLast(bytes.count / 2) }
        return Bytes(key: key.map { Array($0.utf8) }, headers: headers, value: bytes)
    }

    // MARK: Shapes

    private func jenv(_ message: BenchMessage, _ item: BenchMessage.Item, _ action: String) -> String {
        let feed = message.feed
        let type: String
        var data = #""actie":"\#(action)","peildatum":"\#(message.asOf)","volgnummer":\#(message.sequence)"#
        switch item.content {
        case .progress(let report):
            type = "nl.jenv.acties.voortgang-gemeld.v1"
            data += #","voortgang":"\#(feed.word(report.lifecycle))","oordeel":"\#(rating(report, message))""#
            if !report.reasons.isEmpty { data += #","oorzaken":\#(list(report.reasons.map(feed.word)))"# }
            let note = message.flaw == .personalData ? "Het gaat om nummer 111222333." : "Voortgang volgens planning."
            data += #","percentageGereed":\#(message.number % 101),"toelichting":"\#(note)""#
        case .milestone(let report):
            type = "nl.jenv.acties.mijlpaal-gemeld.v1"
            data += #","mijlpaal":"\#(report.milestone)","stand":"gepland""#
        case .risk, .nothing, .withdrawal, .assessment, .ruling, .observation:
            preconditionFailure("the workload has no such record")
        }
        return """
            {"specversion":"1.0","id":"jenv-b-\(message.number)",\
            "source":"urn:nld:oin:00000099000000101000:systeem:voortgangsregister","type":"\(type)",\
            "time":"\(message.time)","datacontenttype":"application/json","partitionkey":"\(action)","data":{\(data)}}
            """
    }

    private func szwHeaders(_ message: BenchMessage) -> [(String, [UInt8])] {
        let sequence = String(message.sequence)
        return [
            ("ce_specversion", "1.0"), ("ce_id", "szw-b-\(message.number)"),
            ("ce_source", "urn:nld:oin:00000099000000102000:systeem:planning"),
            ("ce_type", "nl.szw.actieplannen.rapportage-vastgesteld.v2"), ("ce_time", message.time),
            ("ce_sequence", String(repeating: "0", count: 10 - sequence.utf8.count) + sequence),
            ("content-type", "application/json"),
        ].map { ($0, Array($1.utf8)) }
    }

    private func szw(_ message: BenchMessage, _ item: BenchMessage.Item, _ action: String) -> String {
        guard case .progress(let report) = item.content else { preconditionFailure("SZW reports progress alone") }
        let (year, month, day) = message.asOf.components
        var stand = #""fase":"\#(message.feed.word(report.lifecycle))","stoplicht":"\#(rating(report, message))""#
        if !report.reasons.isEmpty { stand += #","gronden":\#(list(report.reasons.map(message.feed.word)))"# }
        return """
            {"melder":{"oin":"00000099000000102000"},"actie":{"programmacode":"\(action)"},"meting":{\
            "datum":"\(year)\(BenchMessage.two(month))\(BenchMessage.two(day))","vastgesteldOp":"\(message.time)",\
            "stand":{\(stand)},"uitputting":{"bedrag":\(message.number).5,"jaar":\(year)},"interneVerwijzing":[{"blad":3}]}}
            """
    }

    private func vws(_ message: BenchMessage, _ item: BenchMessage.Item, _ action: String) -> String {
        guard case .progress(let report) = item.content else { preconditionFailure("VWS reports progress alone") }
        let (year, month, day) = message.asOf.components
        let causes = report.reasons.isEmpty ? "" : #","causes":\#(list(report.reasons.map(message.feed.word)))"#
        let remark = message.flaw == .personalData ? "Number 111222333." : "On schedule as far as known."
        return """
            {"schema_version":"1.1","message_id":"vws-b-\(message.number)","created_at":"\(message.time)",\
            "action_code":"\(action)","reference_date":"\(BenchMessage.two(day))-\(BenchMessage.two(month))-\(year)",\
            "revision":\(message.sequence),"progress":"\(message.feed.word(report.lifecycle))",\
            "rag":"\(rating(report, message))"\(causes),"remark":"\(remark)","percent_done":\(message.number % 101)}
            """
    }

    private func bz(_ message: BenchMessage, _ item: BenchMessage.Item, _ action: String) -> String {
        let type: String
        var data = #""action":"\#(action)","as_of":"\#(message.asOf)","sequence":\#(message.sequence)"#
        switch item.content {
        case .progress(let report):
            type = "progress"
            data += #","lifecycle":"\#(report.lifecycle.rawValue)","rating":"\#(rating(report, message))""#
            if !report.reasons.isEmpty { data += #","reasons":\#(list(report.reasons.map(\.rawValue)))"# }
        case .milestone(let report):
            type = "milestone"
            data += #","milestone":"\#(report.milestone)","status":"GEPLAND""#
        case .risk, .nothing, .withdrawal, .assessment, .ruling, .observation:
            preconditionFailure("the workload has no such record")
        }
        return """
            {"specversion":"1.0","id":"bz-b-\(message.number)",\
            "source":"urn:nld:oin:00000099000000104000:systeem:dossier","type":"nl.paraplu.\(type).reported.v1",\
            "time":"\(message.time)","data":{\(data)}}
            """
    }

    private func politie(_ message: BenchMessage) -> String {
        let items = message.items.enumerated().map { place, item in
            let action = actions[item.action].id.rawValue
            switch item.content {
            case .progress(let report):
                let reasons = report.reasons.isEmpty ? "" : #","redenen":\#(list(report.reasons.map(\.rawValue)))"#
                return """
                    {"soort":"actie","actie":"\(action)","stand":"\(message.feed.word(report.lifecycle))",\
                    "oordeel":"\(rating(report, message))"\(reasons),"volgorde":\(place + 1)}
                    """
            case .milestone(let report):
                return #"{"soort":"mijlpaal","actie":"\#(action)","mijlpaal":"\#(report.milestone)","stand":"open"}"#
            case .risk, .nothing, .withdrawal, .assessment, .ruling, .observation:
                preconditionFailure("the workload has no such record")
            }
        }
        return """
            {"bijdrage":{"nummer":"NP-B-\(message.number)","herkomst":"urn:nld:oin:00000099000000108000",\
            "peildatum":"\(message.asOf)","versie":\(message.sequence),"opgesteld":"\(message.time)",\
            "eenheid":"landelijk"},"onderdelen":[\(items.joined(separator: ","))]}
            """
    }

    private func comensha(_ message: BenchMessage, _ item: BenchMessage.Item, _ action: String) -> String {
        guard case .progress(let report) = item.content else { preconditionFailure("CoMensha reports progress alone") }
        let reasons =
            report.reasons.isEmpty
            ? "" : #","knelpunten":"\#(report.reasons.map(message.feed.word).joined(separator: "; "))""#
        // A UUID of two digits and letters in turn, so that no run of digits looks like a person's number.
        let digits = Array(String(message.number))
        let tail = (0..<6).map { "a\($0 < digits.count ? digits[$0] : "0")" }.joined()
        let group = message.number / 1_000_000
        return """
            {"rapport":{"kenmerk":"3f0c8b9e-a\(BenchMessage.two(group % 100))a-4b2c-8d6e-\(tail)",\
            "vastgesteld":"\(message.time)","periode":{"peildatum":"\(message.asOf)"},"onderwerp":{"plan":{"actie":{\
            "id":"\(action)","oordeel":{"toestand":"\(message.feed.word(report.lifecycle))",\
            "score":\(rating(report, message))\(reasons)}}}},"opmaak":{"sjabloon":4}}}
            """
    }

    // MARK: Parts

    private func rating(_ report: ProgressReport, _ message: BenchMessage) -> String {
        guard message.flaw == .unknownCode else { return message.feed.word(report.rating) }
        return message.feed == .comensha ? "7" : "paars"
    }

    private func list(_ texts: [String]) -> String { "[" + texts.map { "\"\($0)\"" }.joined(separator: ",") + "]" }
}
