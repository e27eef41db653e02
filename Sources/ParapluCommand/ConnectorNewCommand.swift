internal import JSON
internal import ParapluConnectors
internal import ParapluModel

extension Command {
    private static let directory = Option(
        "dir", "DIR", "the folder of all connectors, for a feed's name (default: connectors)")
    private static let format = Option(
        "format", Scaffold.Form.allCases.map(\.rawValue).joined(separator: "|"),
        "how the partner writes (default: json)")
    private static let owner = Option(
        "owner", "ORGANISATION", "an organisation of the plan (default: org-<organisation>)")
    private static let oin = Option("oin", "OIN", "its twenty positions (default: a number of the test range)")
    private static let principal = Option(
        "principal", "NAME", "the Kafka principal that writes (default: User:CN=<organisation>-<feed>)")

    /// A number of the range that Logius keeps free for tests.
    private static let testOIN = "00000099000000999000"

    /// The command `paraplu connector new`.
    static let connectorNew = Command(
        "connector new", operands: "FOLDER|ORGANISATION/FEED", 1...1, summary: "make the folder of a new feed",
        details: """
            Writes connector.yaml with comments, README.md and ten examples with what is expected of them, which pass
            connector lint and connector test as they are. Values marked “invented” stand for the partner's own. A folder that
            exists is refused.
            """,
        example: "paraplu connector new rvig/voortgang --format cloudevents --owner org-jenv",
        options: [directory, format, owner, oin, principal]
    ) { call in
        let folder = try folder(call)
        let scaffold = try scaffold(call, folder)
        guard !FileBytes.exists(folder) else { throw InputError("\(folder): there is such a folder already") }
        var written: [String] = []
        try FileBytes.makeDirectory(folder + "/examples")
        for file in scaffold.files {
            try FileBytes.write(Array(file.text.utf8), to: "\(folder)/\(file.path)")
            written.append("\(folder)/\(file.path)")
        }
        let feed = scaffold.feed.rawValue
        for result in ConnectorExamples.run(feed: feed, folder: folder).results {
            written += try ExampleAcceptance.accept(result).map { String($0.drop { $0 != " " }.dropFirst()) }
        }
        if call.isJSON {
            call.terminal.print(
                json: JSONWriter.object { json in
                    json.text("feed", feed)
                    json.text("folder", folder)
                    json.texts("files", written)
                })
        } else {
            for file in written { call.terminal.print(file + "\n") }
        }
        call.terminal.say("next: paraplu connector lint \(folder) && paraplu connector test \(folder)")
        return .done
    }

    /// The folder that is meant: below `--dir` for a feed's name, else as it was given.
    private static func folder(_ call: Invocation) throws -> String {
        var operand = call.operands.first ?? ""
        while operand.count > 1, operand.hasSuffix("/") { operand.removeLast() }
        let parts = operand.split(separator: "/", omittingEmptySubsequences: false)
        let isName = parts.count == 2 && parts.allSatisfy { isNamePart($0) }
        if isName { return "\(call[directory] ?? "connectors")/\(operand)" }
        guard !call.has(directory) else { throw UsageError("--dir goes with ORGANISATION/FEED, of a-z, 0-9 and -") }
        guard parts.count > 2, parts.suffix(2).allSatisfy({ isNamePart($0) }) else {
            throw UsageError("a feed's folder is …/<organisation>/<feed>, each of a-z, 0-9 and -")
        }
        return operand
    }

    private static func isNamePart(_ part: Substring) -> Bool {
        !part.isEmpty && part.utf8.count <= 30 && part.first != "-"
            && part.utf8.allSatisfy {
                ($0 >= 0x61 && $0 <= 0x7A) || ($0 >= 0x30 && $0 <= 0x39) || $0 == UInt8(ascii: "-")
            }
    }

    private static func scaffold(_ call: Invocation, _ folder: String) throws -> Scaffold {
        let names = folder.split(separator: "/").suffix(2).map(String.init)
        guard let form = Scaffold.Form(rawValue: call[format] ?? Scaffold.Form.json.rawValue) else {
            throw UsageError("--format is \(Scaffold.Form.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        guard let organisation = OrganisationID(call[owner] ?? "org-\(names[0])") else {
            throw UsageError("--owner has not the shape of an organisation's identifier")
        }
        guard let number = OIN(call[oin] ?? testOIN) else {
            throw UsageError("--oin is twenty positions that follow the rules of their prefix")
        }
        let name = call[principal] ?? "User:CN=\(names.joined(separator: "-"))"
        guard name.utf8.count <= 200, name.allSatisfy({ $0.isLetter || $0.isNumber || ":=.-_@*/, ".contains($0) })
        else {
            throw UsageError("--principal is a Kafka principal, such as User:CN=rvig-voortgang")
        }
        return Scaffold(
            feed: FeedID(unchecked: names.joined(separator: "/")), form: form, organisation: organisation.rawValue,
            oin: number.rawValue, principal: "\"\(name)\"")
    }
}
