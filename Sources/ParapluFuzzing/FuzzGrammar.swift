import ParapluConnectors

/// Makes input by the grammar of its format, from the feed's own names, with now and then a rule broken.
struct FuzzGrammar {
    let format: FuzzFormat
    let feed: FuzzFeed
    let mutator: FuzzMutator

    func make(_ random: inout FuzzRandom) -> [UInt8] {
        var bytes: [UInt8] = []
        switch format {
        case .json: json(&bytes, depth: 0, &random)
        case .cloudevents: event(&bytes, &random)
        case .csv: table(&bytes, &random)
        case .xml: document(&bytes, &random)
        }
        return bytes
    }

    /// The headers of an event in binary mode, or what could be taken for them.
    func headers(_ random: inout FuzzRandom) -> [UInt8] {
        let names = [
            "ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time", "ce_subject", "ce_sequence", "ce_dataschema",
            "ce_traceparent", "ce_x", "ce_", "CE_ID", "content-type", "ce_datacontenttype", "x",
        ]
        let values = [
            "1.0", "1", "", "urn:nld:oin:00000099000000102000:systeem:planning", "urn:nld:oin:00000099000000104000",
            "\u{0}", "\u{FFFE}",
            "nl.szw.actieplannen.rapportage-vastgesteld.v2", "nl.paraplu.progress.reported.v1",
            "2025-06-03T10:00:00+02:00",
            "application/json", "application/cloudevents+json; charset=UTF-8", "application/cloudevents-batch+json",
            "text/csv",
            "application/xml", "0000000042", String(repeating: "x", count: 1_100),
        ]
        var frames: [UInt8] = []
        for _ in 0..<random.below(14) {
            let name = random.once(in: 20) ? mutator.token(&random) : Array(random.one(of: names).utf8)
            var value: [UInt8]? = Array(random.one(of: values).utf8)
            if random.once(in: 10) { value = random.one(of: feed.words) }
            if random.once(in: 20) { value = mutator.token(&random) }
            if random.once(in: 20) { value = nil }
            HeaderFrames.append(name: name, value: value, to: &frames)
        }
        if random.once(in: 20) { mutator.mutate(&frames, &random) }
        return frames
    }

    // MARK: JSON

    private func json(_ bytes: inout [UInt8], depth: Int, _ random: inout FuzzRandom) {
        func separated(_ count: Int, _ random: inout FuzzRandom, _ element: (inout [UInt8], inout FuzzRandom) -> Void) {
            for index in 0..<count {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                element(&bytes, &random)
            }
        }
        switch random.below(depth > 12 ? 4 : depth == 0 ? 12 : 8) {
        case 0: bytes += FuzzMutator.number(&random)
        case 1: bytes += Array(random.one(of: ["null", "true", "false", "[]", "{}"]).utf8)
        case 2, 3: string(&bytes, &random)
        case 4:
            bytes.append(UInt8(ascii: "["))
            separated(random.length(upTo: depth < 3 ? 40 : 4), &random) { json(&$0, depth: depth + 1, &$1) }
            bytes.append(UInt8(ascii: "]"))
        default:
            bytes.append(UInt8(ascii: "{"))
            separated(random.length(upTo: 10), &random) { bytes, random in
                string(&bytes, &random)
                bytes.append(UInt8(ascii: ":"))
                json(&bytes, depth: depth + 1, &random)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private func string(_ bytes: inout [UInt8], _ random: inout FuzzRandom) {
        bytes.append(UInt8(ascii: "\""))
        bytes += text(&random)
        bytes.append(UInt8(ascii: "\""))
    }

    /// A word of the feed, a token, the marker, or a long run.
    private func text(_ random: inout FuzzRandom) -> [UInt8] {
        switch random.below(24) {
        case 0: mutator.token(&random)
        case 1: [UInt8](repeating: UInt8(random.below(256)), count: random.length(upTo: 5_000))
        case 2: FuzzInput.marker
        case 3: FuzzMutator.number(&random)
        default: random.one(of: feed.words)
        }
    }

    private func event(_ bytes: inout [UInt8], _ random: inout FuzzRandom) {
        let names = [
            "specversion", "id", "source", "type", "time", "datacontenttype", "subject", "dataschema", "sequence",
            "data", "x",
        ]
        bytes.append(UInt8(ascii: "{"))
        for _ in 0..<random.below(12) {
            let name = random.one(of: names)
            if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
            bytes += Array("\"\(name)\":".utf8)
            if name == "data" || random.once(in: 10) {
                json(&bytes, depth: 1, &random)
            } else {
                string(&bytes, &random)
            }
        }
        bytes.append(UInt8(ascii: "}"))
    }

    // MARK: CSV

    private func table(_ bytes: inout [UInt8], _ random: inout FuzzRandom) {
        let separator = random.one(of: [UInt8(ascii: ";"), UInt8(ascii: ";"), UInt8(ascii: ",")])
        let columns = 1 + random.length(upTo: random.once(in: 50) ? 2_000 : 12)
        let end: [UInt8] = random.once(in: 3) ? [0x0A] : [0x0D, 0x0A]
        if random.once(in: 10) { bytes += [0xEF, 0xBB, 0xBF] }
        for _ in 0..<random.length(upTo: random.once(in: 50) ? 3_000 : 30) {
            let count = random.once(in: 40) ? random.length(upTo: columns + 2) : columns
            for index in 0..<count {
                if index > 0 { bytes.append(separator) }
                if random.once(in: 4) {
                    bytes.append(0x22)
                    for byte in text(&random) { bytes += byte == 0x22 && !random.once(in: 20) ? [0x22, 0x22] : [byte] }
                    bytes.append(0x22)
                } else if !random.once(in: 5) {
                    bytes += text(&random)
                }
            }
            bytes += random.once(in: 60) ? [0x0D] : end
        }
    }

    // MARK: XML

    private func document(_ bytes: inout [UInt8], _ random: inout FuzzRandom) {
        if random.once(in: 2) {
            let name = random.one(of: [
                "UTF-8", "utf-8", "US-ASCII", "ISO-8859-1", "ISO-8859-15", "windows-1252", "UTF-16", "UTF-7", "x",
            ])
            bytes += Array("<?xml version=\"1.0\" encoding=\"\(name)\"?>".utf8)
        }
        if random.once(in: 40) { bytes += Array("<!DOCTYPE a [<!ENTITY a \"b\">]>".utf8) }
        let spaces = "xmlns:v=\"urn:v\" xmlns:w=\"urn:w\""
        if random.once(in: 5) {
            element(&bytes, depth: 0, &random)
        } else {
            bytes += Array("<v:voortgang \(spaces) versie=\"1\">".utf8)
            for _ in 0..<random.length(upTo: 12) { element(&bytes, depth: 1, &random) }
            bytes += Array("</v:voortgang>".utf8)
        }
    }

    private func element(_ bytes: inout [UInt8], depth: Int, _ random: inout FuzzRandom) {
        let known = ["v:acties", "v:actie", "v:peildatum", "v:stand", "w:kleur", "v:bijlage", "p"]
        var name = Array(random.one(of: known).utf8)
        if random.once(in: 8) { name = random.one(of: feed.words) }
        bytes += [UInt8(ascii: "<")] + name
        for _ in 0..<(random.once(in: 200) ? random.length(upTo: 400) : random.below(3)) {
            let attribute = random.one(of: ["id", "code", "v:a", "xml:lang", "xmlns", "xmlns:q", "xsi:nil"])
            let quote: UInt8 = random.once(in: 2) ? 0x22 : 0x27
            bytes += Array(" \(attribute)=".utf8) + [quote] + escaped(text(&random), &random) + [quote]
        }
        if random.once(in: 6) {
            bytes += Array("/>".utf8)
            return
        }
        bytes.append(UInt8(ascii: ">"))
        for _ in 0..<random.length(upTo: depth > 14 ? 1 : 5) {
            switch random.below(9) {
            case 0: bytes += Array("<!--".utf8) + text(&random) + Array("-->".utf8)
            case 1: bytes += Array("<![CDATA[".utf8) + text(&random) + Array("]]>".utf8)
            case 2: if random.once(in: 10) { bytes += mutator.token(&random) }
            case 3, 4, 5: bytes += escaped(text(&random), &random)
            default: if depth < 40 { element(&bytes, depth: depth + 1, &random) }
            }
        }
        bytes += Array("</".utf8) + name + [UInt8(ascii: ">")]
    }

    /// Text with references where XML wants them, and sometimes where it does not.
    private func escaped(_ text: [UInt8], _ random: inout FuzzRandom) -> [UInt8] {
        var bytes: [UInt8] = []
        for byte in text {
            switch byte {
            case UInt8(ascii: "<") where !random.once(in: 50): bytes += Array("&lt;".utf8)
            case UInt8(ascii: "&") where !random.once(in: 50): bytes += Array("&amp;".utf8)
            case UInt8(ascii: "\""), UInt8(ascii: "'"): bytes += Array("&quot;".utf8)
            case let byte where byte < 0x80 && text.count < 100 && random.once(in: 100):
                bytes += Array("&#\(byte);".utf8)
            default: bytes.append(byte)
            }
        }
        return bytes
    }
}
