import JSON
import ParapluModel
import ParapluRules

/// Makes the CloudEvents that leave: changes and receipts, structured.
///
/// Identity is deterministic, so that a message sent twice is the same message: the id is made of what it is about and
/// its revision or coordinates. Source: NL GOV profile for CloudEvents, attributes `id`, `source`, `type`.
package struct EventFactory: Hashable, Sendable {
    /// Our own `source`: `urn:nld:oin:<OIN>:systeem:paraplu`.
    package let source: String

    /// The `type` of events on the status topic: a subject's status as it is now.
    package static let statusType = "nl.paraplu.status.updated.v1"
    /// The `type` of change events: what a status was, what it is, and why.
    package static let changeType = "nl.paraplu.status.changed.v1"
    /// The `type` of receipts: what became of a publisher's message.
    package static let receiptType = "nl.paraplu.receipts.issued.v1"
    /// The `type` of cuts: completeness markers.
    package static let cutType = "nl.paraplu.cuts.published.v1"

    package init(source: String) {
        self.source = source
    }

    /// The id of a status event: `<subject>:<epoch>.<n>`.
    package static func statusID(subject: String, epoch: Int32, revision: Int64) -> String {
        "\(subject):\(epoch).\(revision)"
    }

    /// The revision as the CloudEvents extension `sequence` carries it: zero-padded, so that text order is number order.
    package static func sequence(epoch: Int32, revision: Int64) -> String {
        let number = String(revision)
        let epochText = String(epoch)
        return String(repeating: "0", count: max(0, 5 - epochText.count)) + epochText + "."
            + String(repeating: "0", count: max(0, 15 - number.count)) + number
    }

    /// A change event: what it was, what it is, why, and the messages that caused it.
    func change(
        _ change: FoldEffects.Change, _ announcement: StatusPayload.Announcement, stamp: CommitStamp,
        coordinates: BatchCoordinates, eventIDs: (FactCoordinates) -> String?
    ) -> [UInt8] {
        var json = JSONWriter()
        begin(
            &json,
            id: EventFactory.statusID(
                subject: announcement.subject, epoch: change.epoch, revision: change.revision),
            type: EventFactory.changeType, subject: announcement.subject, at: stamp.recordedAt)
        StatusPayload.member(
            "sequence", EventFactory.sequence(epoch: change.epoch, revision: change.revision), in: &json)
        json.member("data")
        json.beginObject()
        StatusPayload.member("subject", announcement.subject, in: &json)
        StatusPayload.member("cause", change.cause.rawValue, in: &json)
        StatusPayload.writeRevision(change, stamp, in: &json)
        json.member("old")
        write(change.old, in: &json)
        json.member("new")
        write(change.new, in: &json)
        json.member("messages")
        json.beginArray()
        for cause in change.causes {
            let place = coordinates.place(of: cause)
            json.beginObject()
            StatusPayload.member("topic", place.topic, in: &json)
            StatusPayload.number("partition", place.partition, in: &json)
            StatusPayload.number("offset", place.offset, in: &json)
            if let generation = place.generation, generation > 1 {
                StatusPayload.number("generation", generation, in: &json)
            }
            if let id = eventIDs(cause) { StatusPayload.member("event_id", id, in: &json) }
            json.endObject()
        }
        json.endArray()
        StatusPayload.number("messages_total", change.causesTotal, in: &json)
        json.endObject()
        json.endObject()
        return json.bytes
    }

    /// What a receipt tells a publisher of one of its messages.
    struct Receipt {
        var topic: String
        var partition: Int32
        var offset: Int64
        /// Of the topic; from 2 on where an operator began one that was made again.
        var generation: Int32
        var outcome: String
        /// What became of a message that was refused and is brought in again.
        var replayedAs: Outcome?
        var eventID: String?
        var rejection: Rejection?
        var missing: [String]
        var dispositions: [(record: Int16, disposition: Disposition)]

        /// `TOPIC:PARTITION:OFFSET`, and `:gN` behind it from the second generation on: offsets begin again in each.
        var coordinates: String {
            "\(topic):\(partition):\(offset)" + (generation > 1 ? ":g\(generation)" : "")
        }
    }

    /// A receipt; never a value of the message, and no event id where the message held personal data.
    func receipt(_ receipt: Receipt, at moment: Timestamp) -> [UInt8] {
        var json = JSONWriter()
        begin(
            &json, id: "\(receipt.coordinates):\(receipt.outcome)", type: EventFactory.receiptType, subject: nil,
            at: moment)
        json.member("data")
        json.beginObject()
        StatusPayload.member("outcome", receipt.outcome, in: &json)
        if let outcome = receipt.replayedAs { StatusPayload.member("replayed_as", outcome.rawValue, in: &json) }
        StatusPayload.member("topic", receipt.topic, in: &json)
        StatusPayload.number("partition", receipt.partition, in: &json)
        StatusPayload.number("offset", receipt.offset, in: &json)
        if receipt.generation > 1 { StatusPayload.number("generation", receipt.generation, in: &json) }
        if let id = receipt.eventID { StatusPayload.member("event_id", id, in: &json) }
        if let rejection = receipt.rejection {
            StatusPayload.member("stage", rejection.code.stage.rawValue, in: &json)
            StatusPayload.member("code", rejection.code.rawValue, in: &json)
            StatusPayload.member("remedy", rejection.code.remedy, in: &json)
            json.member("violations")
            json.raw(RejectionWriter.json(of: rejection))
        }
        if !receipt.missing.isEmpty {
            json.member("waits_for")
            StatusPayload.strings(receipt.missing, in: &json)
        }
        if !receipt.dispositions.isEmpty {
            json.member("without_effect")
            json.beginArray()
            for (record, disposition) in receipt.dispositions {
                json.beginObject()
                StatusPayload.number("record", record, in: &json)
                StatusPayload.member("disposition", disposition.rawValue, in: &json)
                json.endObject()
            }
            json.endArray()
        }
        json.endObject()
        json.endObject()
        return json.bytes
    }

    /// Begins a structured event up to its data.
    func begin(_ json: inout JSONWriter, id: String, type: String, subject: String?, at moment: Timestamp) {
        json.beginObject()
        StatusPayload.member("specversion", "1.0", in: &json)
        StatusPayload.member("id", id, in: &json)
        StatusPayload.member("source", source, in: &json)
        StatusPayload.member("type", type, in: &json)
        if let subject {
            StatusPayload.member("subject", subject, in: &json)
            StatusPayload.member("partitionkey", subject, in: &json)
        }
        StatusPayload.member("time", moment.description, in: &json)
        StatusPayload.member("datacontenttype", "application/json", in: &json)
    }

    /// What a change event tells of a status before and after.
    private func write(_ published: FoldEffects.Published?, in json: inout JSONWriter) {
        guard let published else {
            json.null()
            return
        }
        json.beginObject()
        switch published {
        case .action(let status): StatusPayload.write(status, in: &json)
        case .rollup(let status): StatusPayload.write(status, in: &json)
        }
        json.endObject()
    }
}
