internal import ParapluModel

/// What `paraplu connector new` writes: a feed that passes lint and test as it is.
///
/// One invented partner's progress report, said in the form that was asked for, with examples of what is taken and what
/// is refused. What is expected of them isn't written here: it is what the new connector gives.
struct Scaffold: Sendable {
    /// How the partner writes its messages.
    enum Form: String, CaseIterable, Sendable {
        case json, cloudevents, csv, xml
    }

    /// A file of the feed's folder.
    struct File: Sendable {
        /// Its path below the folder.
        let path: String
        let text: String
    }

    /// An example: its name, what is taken from or added to the ordinary message, and the code that refuses it.
    struct Example: Sendable {
        let name: String
        let changes: [(member: String, value: ScaffoldMessage.Value?)]
        /// Nil where it is taken.
        let code: RejectionCode?
    }

    let feed: FeedID
    let form: Form
    let organisation: String
    let oin: String
    let principal: String

    /// The partner: the first part of the feed's name.
    var partner: String { String(feed.rawValue.prefix { $0 != "/" }) }
    /// The second part.
    var name: String { String(feed.rawValue.drop { $0 != "/" }.dropFirst()) }
    var topic: String { "in.\(partner).\(name).v1" }
    var eventType: String { "nl.\(partner).\(name).gemeld.v1" }

    static let examples: [Example] = [
        .init(name: "loopt", changes: [], code: nil),
        .init(
            name: "oranje-met-redenen",
            changes: [("oordeel", .text("oranje")), ("redenen", .texts(["capaciteit", "wetgeving"]))], code: nil),
        .init(name: "gereed", changes: [("stand", .text("gereed")), ("volgnummer", .number(2))], code: nil),
        .init(name: "zonder-volgnummer", changes: [("volgnummer", nil)], code: nil),
        .init(name: "met-toelichting", changes: [("toelichting", .text("De tweede tranche is gestart."))], code: nil),
        .init(name: "bsn-in-toelichting", changes: [("toelichting", .text("Dossier 123456782"))], code: .personalData),
        .init(name: "datum-bestaat-niet", changes: [("peildatum", .text("2025-02-30"))], code: .invalidDate),
        .init(name: "onbekend-veld", changes: [("opmerking", .text("van wie?"))], code: .unknownField),
        .init(name: "onbekende-stand", changes: [("stand", .text("bijna klaar"))], code: .unknownCode),
        .init(name: "oranje-zonder-reden", changes: [("oordeel", .text("oranje"))], code: .reasonRequired),
    ]

    /// The members of the ordinary message, in order.
    private static let ordinary: [(member: String, value: ScaffoldMessage.Value)] = [
        ("actie", .text("act-1-01")), ("peildatum", .text("2025-05-31")), ("volgnummer", .number(1)),
        ("stand", .text("loopt")), ("oordeel", .text("groen")),
    ]

    /// The columns of a table; a message may have more.
    private static let columns = ordinary.map(\.member) + ["redenen", "toelichting"]

    /// The namespace of XML messages.
    var namespace: String { "urn:nl:\(partner):\(name):v1" }

    /// All files of the folder but the golden ones.
    var files: [File] {
        var files = [File(path: "connector.yaml", text: definition), File(path: "README.md", text: readme)]
        for (index, example) in Scaffold.examples.enumerated() {
            var members = Scaffold.ordinary
            for (member, value) in example.changes {
                members.removeAll { $0.member == member }
                if let value { members.append((member, value)) }
            }
            let message = ScaffoldMessage(members: members, number: index + 1)
            files.append(File(path: "examples/\(example.name).input.\(form.ending)", text: text(of: message)))
            if form == .cloudevents {
                let headers = "[[\"content-type\", \"application/cloudevents+json; charset=UTF-8\"]]\n"
                files.append(File(path: "examples/\(example.name).headers.json", text: headers))
            }
        }
        return files
    }

    private func text(of message: ScaffoldMessage) -> String {
        switch form {
        case .json: message.json(head: [("bericht", .text(message.identifier)), ("versie", .text("1"))])
        case .cloudevents:
            message.json(
                head: [
                    ("specversion", .text("1.0")), ("id", .text(message.identifier)),
                    ("source", .text("urn:nld:oin:\(oin):systeem:voorbeeld")), ("type", .text(eventType)),
                    ("time", .text("2025-06-02T09:00:00Z")),
                ], within: "data")
        case .csv: message.csv(columns: Scaffold.columns)
        case .xml: message.xml(namespace: namespace)
        }
    }
}

extension Scaffold.Form {
    /// How the name of an input ends.
    var ending: String {
        switch self {
        case .json, .cloudevents: "json"
        case .csv: "csv"
        case .xml: "xml"
        }
    }
}

/// A message of the invented partner, before it has a form.
struct ScaffoldMessage: Sendable {
    enum Value: Sendable {
        case text(String)
        case number(Int)
        case texts([String])
    }

    let members: [(member: String, value: Value)]
    /// Its number among the examples, from 1.
    let number: Int

    /// A UUID that tells the examples apart.
    var identifier: String {
        "3f0c8b9e-1234-4321-8765-" + String(repeating: "0", count: 10) + (number < 10 ? "0\(number)" : "\(number)")
    }

    /// The message as JSON: what comes before it, then its members, or one member that holds them.
    func json(head: [(String, Value)], within member: String? = nil) -> String {
        var lines = head.map { "  \"\($0.0)\": \(ScaffoldMessage.json($0.1))" }
        let indent = member == nil ? "  " : "    "
        let own = members.map { "\(indent)\"\($0.member)\": \(ScaffoldMessage.json($0.value))" }
        if let member {
            lines.append("  \"\(member)\": {\n" + own.joined(separator: ",\n") + "\n  }")
        } else {
            lines += own
        }
        return "{\n" + lines.joined(separator: ",\n") + "\n}\n"
    }

    /// The message as a table of one row.
    func csv(columns: [String]) -> String {
        let more = members.map(\.member).filter { !columns.contains($0) }
        let names = columns + more
        let fields = names.map { name in
            members.first { $0.member == name }.map { ScaffoldMessage.text($0.value) } ?? ""
        }
        return names.joined(separator: ";") + "\n" + fields.joined(separator: ";") + "\n"
    }

    /// The message as XML: an element for each member.
    func xml(namespace: String) -> String {
        let elements = members.map { "  <v:\($0.member)>\(ScaffoldMessage.text($0.value))</v:\($0.member)>\n" }
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <v:voortgang xmlns:v="\(namespace)" bericht="\(identifier)" versie="1">
            \(elements.joined())</v:voortgang>

            """
    }

    /// A value as text; the texts here hold nothing that CSV or XML would take for its own.
    private static func text(_ value: Value) -> String {
        switch value {
        case .text(let text): text
        case .number(let number): String(number)
        case .texts(let texts): texts.joined(separator: ", ")
        }
    }

    /// A value as JSON; the texts here need no escapes.
    private static func json(_ value: Value) -> String {
        switch value {
        case .text(let text): "\"\(text)\""
        case .number(let number): String(number)
        case .texts(let texts): "[" + texts.map { "\"\($0)\"" }.joined(separator: ", ") + "]"
        }
    }
}
