internal import Digest
internal import JSON
internal import ParapluModel

/// What a definition says, for people and for other programs.
extension Connector {
    /// The format in a few words: `json`, `csv`, `xml`, `cloudevents structured`, `cloudevents binary with csv`.
    package var formatText: String {
        guard envelope == .cloudEvents else { return payloadText }
        return "\(envelope.rawValue) \(modeText ?? "")" + (isJSON ? "" : " with \(payloadText)")
    }

    /// The format of the payloads: `json`, `csv` or `xml`.
    package var payloadText: String {
        switch payload {
        case .json: "json"
        case .csv: "csv"
        case .xml: "xml"
        }
    }

    /// The media type of the payloads.
    package var mediaType: String {
        switch payload {
        case .json: "application/json"
        case .csv: "text/csv"
        case .xml: "application/xml"
        }
    }

    /// The formats, modes and profile that the feed has, one by one.
    package var formatNames: [String] {
        guard envelope == .cloudEvents else { return [payloadText] }
        return (acceptsStructured ? ["cloudevents structured"] : []) + (acceptsBinary ? ["cloudevents binary"] : [])
            + (profile == .nlGov ? ["cloudevents nl-gov"] : []) + (isJSON ? [] : [payloadText])
    }

    /// In which modes events are taken: `structured`, `binary` or `both`; nil without an envelope.
    package var modeText: String? {
        guard envelope == .cloudEvents else { return nil }
        return acceptsStructured && acceptsBinary ? "both" : acceptsBinary ? "binary" : "structured"
    }

    /// The deepest nesting of a payload that is taken.
    package var depthMax: Int { limits.depthMax }
    /// The most values and names of one payload that are taken.
    package var nodesMax: Int { limits.nodesMax }

    /// The fields by which a record is found again, in the order of the form.
    package var identityNames: [String] {
        IdentityFields.named.filter { identity.contains($0.field) }.map(\.name)
    }

    /// The versions that are taken; empty where the definition asks for none.
    package var acceptedVersions: [String] {
        switch plan.version {
        case .none: []
        case .attribute(_, let accepted), .slot(_, let accepted): accepted.map { String(decoding: $0, as: UTF8.self) }
        }
    }

    /// The first twelve digits of the version: enough to tell the definitions of one instance apart.
    package var shortVersion: String { String(version.description.prefix(12)) }
}

extension ConnectorExamples {
    /// How many examples stand beside a connector: good ones, and refused ones.
    package static func counts(in folder: String) -> (good: Int, refused: Int) {
        let names = ConnectorFiles.names(in: folder + "/examples") ?? []
        return (
            names.count { $0.hasSuffix(".expected.json") },
            names.count { $0.hasSuffix(".rejected.json") }
        )
    }
}
