internal import ParapluModel

/// The reference page of `connector.yaml`, `docs/connectors.md`, made of the lists that the reader uses.
package enum ConnectorReference {
    /// The page, in Markdown.
    package static var page: String {
        var text = """
            # What a `connector.yaml` can say

            Generated from the code by `make golden`. [add-a-feed.md](add-a-feed.md) goes from an empty folder to a first message;
            [publisher.md](publisher.md) is for those who send.

            A definition declares everything that a message may hold: what isn't declared is refused, and so are unknown keys of
            the definition itself. `paraplu connector lint` says where, `paraplu connector explain` shows what becomes of a message.
            What refuses a message is given here with its code, as receipts have it.

            ## Keys

            """
        var section: String?
        for key in ConnectorKey.all {
            if key.section != section {
                section = key.section
                text += "\n### \(heading(key.section))\n\n| key | meaning | takes | without it |\n|---|---|---|---|\n"
            }
            text += "| `\(key.name)` | \(cell(key.meaning)) | \(cell(key.accepts)) | \(key.standard ?? "needed") |\n"
        }
        text += """

            ## Paths in CSV and XML

            A table is the document `{"rows": [{"<header>": "<field>", …}, …]}`: a record has `each: /rows`, and a header is a path.
            An empty field is absent. In XML paths begin inside the root element, with the prefixes of `namespaces`: `/v:actie`
            is an element, `/@versie` an attribute, `/v:kleur/#text` the text beside attributes; the repeated element that `each`
            names is an array. An empty element is absent. All values are text, so that `number` reads text.


            """
        text += "## Fields of each kind\n\n| kind | needed | may be there |\n|---|---|---|\n"
        for kind in RecordKind.allCases where kind.isSupported {
            let required = TargetField.required(in: kind)
            let others = TargetField.allCases.filter { $0.belongs(to: kind) && !required.contains($0) }
            text += "| `\(kind.rawValue)` | \(list(required)) | \(list(others)) |\n"
        }
        text += """

            `reporter` is checked and not kept: only the owner speaks. A field may say `required: true`. Codes of ours:

            | field | codes |
            |---|---|

            """
        for target in TargetField.allCases {
            guard let codes = ConnectorCompiler.canonicalCodes(target) else { continue }
            text += "| `\(target.rawValue)` | \(codes.map { "`\($0.code)`" }.joined(separator: ", ")) |\n"
        }
        for group in ConnectorOperator.Group.allCases {
            text += "\n## \(group.rawValue)\n"
            for entry in ConnectorOperator.allCases where entry.group == group {
                text += "\n### \(entry.rawValue)\n\n\(entry.text.meaning)\n\n```yaml\n\(entry.text.example)\n```\n\n"
                text += "Takes \(entry.text.accepts). Refuses \(entry.text.refuses).\n"
            }
        }
        return text
    }

    private static func heading(_ section: String) -> String {
        switch section {
        case "": "The file"
        case "a record": "Each of `records`"
        default: "`\(section)`"
        }
    }

    private static func list(_ fields: [TargetField]) -> String {
        fields.map { "`\($0.rawValue)`" }.joined(separator: ", ")
    }

    /// A text within a table, whose columns end at a bar.
    private static func cell(_ text: String) -> String { text.replacing("|", with: "\\|") }
}
