import ParapluModel

/// What a `connector.yaml` says, read but not yet compiled.
struct ConnectorDefinition {
    struct Owner {
        var organisation: OrganisationID
        /// Nil only in a definition with findings.
        var oin: OIN?
        var tooi: TOOI?
        var principal: String
        var place: Place
    }

    struct Format {
        var kind: PayloadFormat = .json
        var envelope: ConnectorEnvelope = .none
        var profile: EventProfile = .cloudEvents
        var acceptsStructured = false
        var acceptsBinary = false
        var bytesMax = 262_144
        var depthMax = 16
        var nodesMax = 10_000
    }

    enum Version {
        case none
        case attribute(EventAttribute, accepted: [String])
        case path(Path, accepted: [String])
    }

    enum Key {
        case none
        case attribute(EventAttribute)
        case path(Path)
    }

    /// A declared path, with its place in the file.
    struct Path: Hashable {
        /// The members from the document's root; `*` for the elements of an array.
        var segments: [String]
        var place: Place

        /// The path as a JSON Pointer.
        var pointer: String {
            segments.map { "/" + $0.replacing("~", with: "~0").replacing("/", with: "~1") }.joined()
        }

        static func == (left: Path, right: Path) -> Bool { left.segments == right.segments }
        func hash(into hasher: inout Hasher) { hasher.combine(segments) }
    }

    /// A place in the file.
    struct Place {
        var line: Int
        var column: Int
    }

    /// How a value becomes one of ours.
    enum Conversion: Equatable {
        case identifier
        case shape(DeclaredShape)
        case text(lengthMax: Int)
        case codes(list: String, separator: UInt8?, ignoresCase: Bool)
        case organisation
        case date(DateForm)
        case moment(MomentForm)
        case number(NumberForm)
        /// Text as it stands, or a number's digits: a part of what `join` makes.
        case piece
    }

    /// Where a value comes from.
    enum Source {
        case path(Path)
        case attribute(EventAttribute)
        /// The message's key.
        case key
    }

    /// One of a known count of parts of a text.
    struct Part: Equatable, Sendable {
        /// One ASCII character.
        var separator: UInt8
        /// From 1.
        var number: Int
        /// How many parts the text has.
        var count: Int
    }

    enum Condition {
        case path(Path, values: [String])
        case attribute(EventAttribute, values: [String])
    }

    /// An operator with its operands.
    indirect enum Operand {
        case value(Source, Part?, Conversion)
        case constant(String)
        case firstOf([Expression])
        case when(Condition, then: Expression, otherwise: Expression?)
        case join([Expression], separator: String, Conversion)
    }

    struct Expression {
        var operand: Operand
        var place: Place
    }

    struct Field {
        var target: TargetField
        var expression: Expression
        var isRequired: Bool
    }

    struct Record {
        /// The kind, or nil for what is known and gives no record.
        var kind: RecordKind?
        /// Whether it is made of a message without a value.
        var isOfTombstone = false
        var each: Path?
        var condition: Condition?
        var fields: [Field]
        var checks: [Field]
        var place: Place
    }

    struct CodeList {
        /// A code of theirs, what it stands for, and on which days; from the first, and before the second.
        struct Entry {
            var source: String
            var target: String
            var from: CalendarDate?
            var until: CalendarDate?
            var place: Place
        }
        var name: String
        var entries: [Entry]
        var place: Place
    }

    var feed: FeedID
    var owner: Owner
    var topic: String
    var purpose: String
    var legalBasis: String
    var retentionMonths: Int
    var receipts: ReceiptPolicy
    var offsets: OffsetPolicy
    /// Where the policy stands.
    var offsetsPlace: Place
    var format: Format
    var eventID: Path?
    var eventSource: Path?
    var eventTime: Path?
    var version: Version
    var key: Key
    var identity: IdentityFields
    var codeLists: [CodeList]
    /// What organisations are called, by their own identifiers.
    var organisations: CodeList?
    var records: [Record]
    var checks: [Field]
    var ignored: [Path]
    /// The actions that the feed may report on; nil for any.
    var actions: [ActionID]?
    var kinds: [RecordKind]
}

/// The envelope around a feed's payload.
package enum ConnectorEnvelope: String, CaseIterable, Sendable {
    case cloudEvents = "cloudevents"
    case none
}

/// Which messages get a receipt.
package enum ReceiptPolicy: String, CaseIterable, Sendable {
    /// Refused and parked ones only.
    case problems
    case all
}

/// What holes between offsets mean in the feed's topic.
package enum OffsetPolicy: String, CaseIterable, Sendable {
    /// There are none; a hole is fetched again, and then holds the feed.
    case dense
    /// Compaction makes them.
    case compacted
    /// Transaction markers make them.
    case transactional
}

/// A shape that a connector may declare for a text field, whose values are then no alarm to the privacy scan.
enum DeclaredShape: String, CaseIterable, Sendable {
    case oin, uuid, rsin
    case kvk

    /// Whether the text has the shape.
    func matches(_ text: UnsafeRawBufferPointer) -> Bool {
        switch self {
        case .oin: text.count == 20 && OIN(String(decoding: text, as: UTF8.self)) != nil
        case .rsin: text.count == 9 && Elfproef.passes(text)
        case .kvk: text.count == 8 && text.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
        case .uuid:
            text.count == 36
                && text.enumerated().allSatisfy { offset, byte in
                    [8, 13, 18, 23].contains(offset)
                        ? byte == UInt8(ascii: "-")
                        : (byte >= 0x30 && byte <= 0x39) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66)
                }
        }
    }
}

/// The members of a canonical record that a connector fills.
enum TargetField: String, CaseIterable, Sendable {
    case reporter, action
    case asOf = "as_of"
    case sequence
    case recordedAtSource = "recorded_at_source"
    case lifecycle, rating, reasons, document
    case milestone, status
    case currentDue = "current_due"
    case reachedOn = "reached_on"
    case risk, level
    case riskStatus = "risk_status"
    case response
    case riskOwner = "risk_owner"
    case withdraws, item
    case corrects
    case correctedAsOf = "corrected_as_of"
    case indicator, unit, period, dimension, category, value, flag, stage
    /// Validated, and not part of a record.
    case check
    /// A part of what `join` makes.
    case piece

    /// The fields that a kind needs.
    static func required(in kind: RecordKind) -> [TargetField] {
        switch kind {
        case .progressReported: [.action, .asOf, .lifecycle, .rating]
        case .milestoneReported: [.action, .milestone, .asOf, .status]
        case .riskReported: [.action, .risk, .asOf, .level, .riskStatus]
        case .nothingReported: [.action, .asOf]
        case .withdrawal: [.action, .asOf, .withdraws]
        case .correction: [.action, .asOf, .corrects, .correctedAsOf]
        case .indicatorObserved: [.indicator, .unit, .period, .asOf, .stage]
        case .planPublished, .actionChanged, .organisationChanged, .assessmentMade, .conflictRuled, .roundFrozen: []
        }
    }

    /// Whether the field belongs to records of the kind.
    ///
    /// To a correction belong those of everything that can be corrected.
    func belongs(to kind: RecordKind) -> Bool {
        if kind == .correction, RecordKind.correctable.contains(where: { belongs(to: $0) }) { return true }
        return switch self {
        case .reporter, .asOf, .sequence, .recordedAtSource: true
        case .action: kind != .indicatorObserved
        case .lifecycle, .rating, .reasons: kind == .progressReported
        case .document: kind == .progressReported || kind == .milestoneReported
        case .milestone, .status, .currentDue, .reachedOn: kind == .milestoneReported
        case .risk, .level, .riskStatus, .response, .riskOwner: kind == .riskReported
        case .withdraws, .item: kind == .withdrawal
        case .corrects, .correctedAsOf: kind == .correction
        case .indicator, .unit, .period, .dimension, .category, .value, .flag, .stage: kind == .indicatorObserved
        case .check, .piece: false
        }
    }
}

/// The CloudEvents attributes that are known: the core ones and the documented extensions.
///
/// - Source: CloudEvents 1.0.2, its documented extensions, and the NL GOV profile.
enum EventAttribute: String, CaseIterable, Sendable {
    case specversion, id, source, type, datacontenttype, dataschema, subject, time
    case partitionkey, sequence, sequencetype, traceparent, tracestate, dataref, recordedtime, expirytime
    case correlationid, causationid, dataclassification, dataregulation, datacategory

    /// The number of the attribute, from 0.
    var index: Int {
        switch self {
        case .specversion: 0
        case .id: 1
        case .source: 2
        case .type: 3
        case .datacontenttype: 4
        case .dataschema: 5
        case .subject: 6
        case .time: 7
        case .partitionkey: 8
        case .sequence: 9
        case .sequencetype: 10
        case .traceparent: 11
        case .tracestate: 12
        case .dataref: 13
        case .recordedtime: 14
        case .expirytime: 15
        case .correlationid: 16
        case .causationid: 17
        case .dataclassification: 18
        case .dataregulation: 19
        case .datacategory: 20
        }
    }
}
