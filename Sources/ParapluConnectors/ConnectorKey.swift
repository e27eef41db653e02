/// The keys of a `connector.yaml` outside its fields, each with what it means: what the reference page lists.
///
/// A test asks the reader which keys it knows, so that the two cannot drift apart.
package struct ConnectorKey: Sendable {
    /// The mapping that holds it: empty for the file itself.
    package let section: String
    /// The key as a definition writes it.
    package let name: String
    /// What it says, in a sentence for the reference page.
    package let meaning: String
    /// What it takes, with the standard value where it may be left out.
    package let accepts: String
    /// Nil where it must be there.
    package let standard: String?

    private init(_ section: String, _ name: String, _ meaning: String, _ accepts: String, standard: String? = nil) {
        self.section = section
        self.name = name
        self.meaning = meaning
        self.accepts = accepts
        self.standard = standard
    }

    /// All keys, in the order of the page.
    package static let all: [ConnectorKey] = [
        .init("", "connector", "The version of this form.", "`1`", standard: "`1`"),
        .init("", "feed", "The feed's name, which is its folder's.", "`<organisation>/<feed>`"),
        .init("", "owner", "Whose topic it is, and in whose name its messages speak.", "a mapping"),
        .init("", "topic", "The topic, without the deployment's prefix.", "`in.<organisation>.<feed>.v<number>`"),
        .init("", "purpose", "Why the data are processed (doelbinding).", "text"),
        .init("", "legal_basis", "On what legal basis (grondslag).", "text"),
        .init("", "retention_months", "How many months payloads are kept.", "1 to 240"),
        .init("", "receipts", "Which messages get a receipt.", "`problems`, `all`", standard: "`problems`"),
        .init(
            "", "offsets", "What holes between the topic's offsets mean.", "`dense`, `compacted`, `transactional`",
            standard: "`dense`"),
        .init("", "format", "How messages are written.", "a mapping"),
        .init(
            "", "event", "Where a message without an envelope has its own id, source and time.", "a mapping",
            standard: "none"),
        .init("", "version", "Which versions are taken; needed with CloudEvents.", "a mapping", standard: "none"),
        .init("", "key", "What the record key must equal.", "`none`, `{ path: … }`, `{ attribute: … }`"),
        .init(
            "", "identity", "By which fields a report is found to be the same one again.",
            "a list of `reporter`, `kind`, `action` (these always), `item`, `as_of`, `sequence`"),
        .init(
            "", "code_lists", "The lists that `codes` names: `theirs: OURS`.",
            "a mapping of lists, 1 to 1,000 codes each", standard: "none"),
        .init(
            "", "organisations", "What organisations of the plan are called, for `organisation: any`.",
            "`org-x: [OIN, TOOI, name]`", standard: "none"),
        .init("", "records", "What a message says.", "a list"),
        .init(
            "", "checks", "Values of the document that are looked at and not kept.", "a list of fields",
            standard: "none"),
        .init("", "ignore", "Parts of the document that are known and left out.", "a list of paths", standard: "none"),
        .init("", "authority", "What the feed may report on.", "a mapping"),

        .init("owner", "organisation", "An organisation of the plan.", "`org-jenv`"),
        .init("owner", "oin", "Its OIN; `00000099…` is free for tests.", "twenty positions, in quotes"),
        .init("owner", "tooi", "Its TOOI identifier.", "`https://identifier.overheid.nl/tooi/id/…`", standard: "none"),
        .init("owner", "principal", "The Kafka principal that writes the topic.", "text"),

        .init("format", "kind", "The format of the payload.", "`json`, `csv`, `xml`", standard: "`json`"),
        .init(
            "format", "separator", "With `kind: csv`, what stands between fields.", "one ASCII character",
            standard: "`,`"),
        .init(
            "format", "encoding", "With `kind: csv`, the letters; a byte order mark is taken.",
            "`utf-8`, `windows-1252`", standard: "`utf-8`"),
        .init("format", "root", "With `kind: xml`, the root element; paths begin inside it.", "`v:voortgang`"),
        .init(
            "format", "namespaces", "With `kind: xml`, what the prefixes of root and paths stand for.",
            "`{ v: \"urn:…\" }`", standard: "none"),
        .init("format", "envelope", "The envelope around the payload.", "`none`, `cloudevents`", standard: "`none`"),
        .init("format", "mode", "How events travel; with CloudEvents only.", "`structured`, `binary`, `both`"),
        .init(
            "format", "profile", "Rules beyond CloudEvents: MUSTs of the NL GOV profile refuse, SHOULDs warn.",
            "`cloudevents`, `nl-gov`", standard: "`cloudevents`"),
        .init("format", "bytes_max", "The largest value, in bytes.", "64 to 16,777,216", standard: "262,144"),
        .init("format", "depth_max", "The deepest nesting.", "1 to 64", standard: "16"),
        .init("format", "nodes_max", "The most values and names.", "1 to 1,000,000", standard: "10,000"),

        .init("event", "id", "The message's own id: the same one again is a duplicate.", "a path", standard: "none"),
        .init("event", "source", "Who or what made it; an OIN there must be the owner's.", "a path", standard: "none"),
        .init("event", "time", "When it was made, RFC 3339 with an offset.", "a path", standard: "none"),

        .init("version", "path", "Where the version is; or `attribute`.", "a path", standard: "none"),
        .init("version", "attribute", "Which attribute is the version.", "`type`, `dataschema`, …", standard: "none"),
        .init(
            "version", "accepted", "The versions that are taken; another is refused as `version`.", "a list of texts"),

        .init(
            "a record", "kind", "What the record says.", "a kind of record, or `none` for what is known and gives none"),
        .init(
            "a record", "on", "That the record is made of a message without a value.", "`tombstone`",
            standard: "the value"),
        .init("a record", "each", "The array whose elements give a record each.", "a path", standard: "none"),
        .init(
            "a record", "when", "Which messages or elements give it.", "`{ path or attribute, equals }`",
            standard: "all"),
        .init("a record", "fields", "The record's fields, each with one operator.", "a mapping"),
        .init(
            "a record", "checks", "Values that are looked at for this record and not kept.", "a list", standard: "none"),

        .init("authority", "actions", "The actions that it may report on.", "`any`, or a list"),
        .init("authority", "kinds", "The kinds of record that it may report.", "a list"),
    ]
}
