internal import Digest
internal import JSON
import ParapluModel

/// Turns messages into canonical records: decodes, validates, scans for personal data, maps and digests.
///
/// One per thread: it owns the parser and every buffer that is used again. It has no clock and does no I/O, and what it
/// gives depends on the message and its connector alone.
package final class MessageDecoder {
    private var current: Connector?
    /// The plan's tables for the message at hand; the caller holds their connector until it is decoded.
    private(set) var plan = ConnectorPlan.Tables.empty
    var parsers: [(limits: JSONLimits, parser: JSONParser)] = []
    /// What turns the payloads of one connector into documents, kept with that connector.
    var transcoder: (connector: Connector, transcoder: PayloadTranscoder)?
    var hasher = SHA256()

    /// The values that fields read, by slot; meaningful where `present` says so.
    private(set) var slots = UnsafeMutableBufferPointer<JSONValue?>.allocate(capacity: 0)
    /// The slots of the root that hold a value, and those of the element at hand.
    var presentInRoot: UInt64 = 0
    var presentInElement: UInt64 = 0
    /// The slots among those that a field has read.
    var readInRoot: UInt64 = 0
    var readInElement: UInt64 = 0
    /// The attributes of the envelope, by number.
    ///
    /// Plain memory, like the slots: both are written for every value.
    let attributes = UnsafeMutableBufferPointer<UnsafeRawBufferPointer?>.allocate(
        capacity: EventAttribute.allCases.count)
    /// What is wrong so far; personal data is kept apart, so that nothing crowds it out.
    var violations: [Violation] = []
    var privacyViolations: [Violation] = []
    /// Where the document lies in the message: empty, or `/data` in an envelope.
    var documentPath = ""
    /// The element that is being read.
    var elementIndex = 0
    /// The key of the message; nil where it has none.
    var key: UnsafeRawBufferPointer?
    /// The as-of day of the record at hand, once it is known: what codes with days are judged by.
    var recordDay: CalendarDate?
    /// Where the message's records begin in the buffer.
    var firstRecord = 0
    /// What the event does otherwise than its profile advises.
    var warnings: EventWarnings = []
    /// When the source says that it recorded the message.
    var eventTime: Timestamp?
    /// Reasons by their set of codes, so that the few sets that occur are made once.
    var reasonsBySet: [UInt32: [ReasonCode]] = [:]

    /// The smallest count of people that may be kept.
    private let countMin: Int64

    package init(countMin: Int64 = DisclosureControl.countMin) {
        self.countMin = countMin
        attributes.initialize(repeating: nil)
    }

    deinit {
        attributes.deallocate()
        slots.deallocate()
    }

    /// The connector of the message at hand.
    var connector: Connector {
        guard let current else { preconditionFailure("a connector is at hand while a message is decoded") }
        return current
    }

    /// The records of a message, or its rejection.
    ///
    /// - Parameters:
    ///   - value: the value, with 64 readable bytes behind it; nil for a tombstone.
    ///   - key: the key; nil where the message has none.
    ///   - headers: the headers, as `HeaderFrames`.
    ///   - buffer: where the records go, behind those of earlier messages.
    package func decode(
        _ connector: Connector, value: UnsafeRawBufferPointer?, key: UnsafeRawBufferPointer?,
        headers: UnsafeRawBufferPointer, into buffer: inout IntakeBuffer
    ) -> Intake {
        begin(connector)
        self.key = key
        firstRecord = buffer.records.count
        let firstByte = buffer.bytes.count
        var isText = true
        var eventID: UnsafeRawBufferPointer?
        var eventSource: UnsafeRawBufferPointer?

        if let key, PrivacyScanner.pattern(in: key) != nil { note(.personalData, "key") }
        let mode = readHeaders(headers)
        if let value {
            if let root = parse(value, &isText) {
                if let document = openEnvelope(root, mode, bytes: value.count) {
                    map(document, into: &buffer)
                    checkKey(key)
                }
                (eventID, eventSource) = identifiers()
            } else if mode == .binary {
                (eventID, eventSource) = (attributes[EventAttribute.id.index], attributes[EventAttribute.source.index])
            }
        } else {
            if opensTombstone(mode) { mapTombstone(into: &buffer) }
            if mode == .binary, !plan.tombstone.isEmpty {
                (eventID, eventSource) = (attributes[EventAttribute.id.index], attributes[EventAttribute.source.index])
            }
        }

        let isGood = privacyViolations.isEmpty && violations.isEmpty
        let rejection = isGood ? nil : Rejection(privacyViolations + violations, isText: isText)
        let mayKeep = rejection.map { !$0.forbidsPayload } ?? true
        var messageKey: (UInt64, UInt64)?
        if mayKeep, let eventID {
            if let eventSource {
                messageKey = MessageKey.key(owner: connector.owner, source: eventSource, id: eventID, using: &hasher)
            } else {
                var feed = connector.feed.rawValue
                messageKey = feed.withUTF8 {
                    MessageKey.key(
                        owner: connector.owner, source: UnsafeRawBufferPointer($0), id: eventID, using: &hasher)
                }
            }
        }
        // What was refused of a feed of figures may hold a small count that nobody found.
        var keepsPayload = mayKeep && (rejection == nil || !plan.reportsFigures)
        if rejection != nil {
            buffer.records.removeSubrange(firstRecord...)
            buffer.bytes.removeSubrange(firstByte...)
        } else {
            if plan.reportsFigures, suppress(firstRecord, &buffer) { keepsPayload = false }
            complete(firstRecord, &buffer)
        }
        return Intake(
            records: firstRecord..<buffer.records.count, rejection: rejection,
            eventID: mayKeep ? eventID.map { String(decoding: $0, as: UTF8.self) } : nil,
            source: mayKeep ? eventSource.map { String(decoding: $0, as: UTF8.self) } : nil, messageKey: messageKey,
            isText: isText, keepsPayload: keepsPayload, warnings: warnings)
    }

    func begin(_ connector: Connector) {
        current = connector
        plan = connector.plan.tables
        if slots.count < plan.slots.count {
            slots.deallocate()
            slots = .allocate(capacity: plan.slots.count)
            slots.initialize(repeating: nil)
        }
        attributes.update(repeating: nil)
        violations.removeAll(keepingCapacity: true)
        privacyViolations.removeAll(keepingCapacity: true)
        presentInRoot = 0
        presentInElement = 0
        readInRoot = 0
        readInElement = 0
        documentPath = ""
        elementIndex = 0
        eventTime = nil
        recordDay = nil
        warnings = EventWarnings.none
    }

    // MARK: Violations

    /// Notes a violation; the path is complete.
    func note(_ code: RejectionCode, _ path: String = "", byteOffset: Int? = nil, expected: String? = nil) {
        let violation = Violation(
            code, path: code == .personalData && path.isEmpty ? "body" : path, byteOffset: byteOffset,
            expected: expected)
        if code == .personalData {
            if privacyViolations.count < Rejection.violationsMax, !privacyViolations.contains(violation) {
                privacyViolations.append(violation)
            }
        } else if violations.count < Rejection.violationsMax, !violations.contains(violation) {
            violations.append(violation)
        }
    }

    /// Notes a violation at a declared place of the document.
    func note(_ code: RejectionCode, at declared: String, expected: String? = nil) {
        note(code, path(declared), expected: expected)
    }

    /// A declared path as it is in this message: behind the envelope, with the element's number.
    func path(_ declared: String) -> String {
        guard declared.contains("*") else { return documentPath + declared }
        return documentPath
            + declared.split(separator: "/", omittingEmptySubsequences: false)
            .map { $0 == "*" ? String(elementIndex) : String($0) }.joined(separator: "/")
    }

    /// Suppresses small counts in the message's records, and returns whether there were any.
    private func suppress(_ first: Int, _ buffer: inout IntakeBuffer) -> Bool {
        var records = buffer.records[first...].map(\.record)
        guard DisclosureControl.suppress(&records, countMin: countMin) else { return false }
        for (offset, record) in records.enumerated() {
            buffer.records[first + offset].record = record
        }
        return true
    }

    /// Gives each new record its bytes' digest and its identity, once the message is known to be good.
    private func complete(_ first: Int, _ buffer: inout IntakeBuffer) {
        for index in first..<buffer.records.count {
            let start = buffer.bytes.count
            CanonicalRecordCodec.append(buffer.records[index].record, to: &buffer.bytes)
            let range = start..<buffer.bytes.count
            buffer.bytes.withUnsafeBytes { hasher.update(UnsafeRawBufferPointer(rebasing: $0[range])) }
            buffer.records[index].json = range
            buffer.records[index].digest = hasher.finalize()
            buffer.records[index].identity = buffer.records[index].record.identity(connector.identity, using: &hasher)
        }
    }
}
