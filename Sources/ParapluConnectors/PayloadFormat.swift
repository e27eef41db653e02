internal import Charsets
internal import JSON

/// The format of a feed's payloads.
///
/// CSV and XML are turned into the JSON document that paths name, and go the way of JSON from there.
enum PayloadFormat: Sendable, Equatable {
    case json
    case csv(TableFormat)
    case xml(XMLFormat)

    /// How a feed writes its tables: `{"rows":[{"<header>":"<field>",…},…]}` as a document.
    struct TableFormat: Sendable, Equatable {
        /// One ASCII character.
        var separator = UInt8(ascii: ",")
        /// UTF-8, whose byte order mark is taken, or windows-1252.
        var encoding = Charset.utf8
    }

    /// What a feed's XML documents are called, and the prefixes that paths use.
    struct XMLFormat: Sendable, Equatable {
        /// The root element, as `prefix:name`, or `name` where it has no namespace.
        var root = ""
        /// The prefixes with the namespaces that they stand for, whatever prefix a document uses.
        var namespaces: [Namespace] = []

        struct Namespace: Sendable, Equatable {
            var prefix: String
            var name: String
        }
    }

    /// The largest document that a payload may become, in multiples of its connector's `bytes_max`.
    ///
    /// Each row repeats the header's names, so that a table grows: about fourfold with names of a dozen bytes above codes
    /// and numbers.
    static let documentBytesFactor = 8

    /// The bounds of the document that a payload within `limits` may become.
    func documentLimits(_ limits: JSONLimits) -> JSONLimits {
        var document = limits
        switch self {
        case .json:
            return limits
        case .csv:
            document.depthMax = 3
        case .xml:
            // An element may be an array of objects: two levels.
            document.depthMax = 2 * limits.depthMax
        }
        document.bytesMax = limits.bytesMax * PayloadFormat.documentBytesFactor
        return document
    }

    /// The media types that an envelope may name, for the publisher.
    var mediaTypes: String {
        switch self {
        case .json: "application/json"
        case .csv: "text/csv"
        case .xml: "application/xml or text/xml"
        }
    }
}

extension Connector {
    /// Whether its payloads are JSON as they come.
    package var isJSON: Bool { payload == .json }
}
