package import Digest
import JSON
import ParapluModel
import ParapluRules

/// The data of status events, in bytes: one status has one form, so that a cut's hash can be computed by any reader.
package enum StatusPayload {
    /// A revision as it is announced: what the status topic carries under the subject's key.
    package struct Announcement: Sendable {
        /// The subject's name, which is the message's key: `programme`, `goal/…`, `line/…` or `action/…`.
        package let subject: String
        /// The status event's data.
        package let payload: [UInt8]
        /// SHA-256 of the payload.
        package let hash: SHA256Digest
        /// First twelve bits of the SHA-256 of the subject.
        package let bucket: Int16
    }

    /// The part of a cut's hash that a subject belongs to: the first twelve bits of the SHA-256 of its name.
    package static func bucket(of subject: String) -> Int16 {
        Int16(SHA256.digest(Array(subject.utf8)).uuidWords.0 >> 52)
    }

    /// Whether two versions of an action differ in what its status event tells of the plan.
    static func announces(_ old: PlannedAction, differentlyFrom new: PlannedAction) -> Bool {
        old.code != new.code || old.titleNL != new.titleNL || old.titleEN != new.titleEN || old.line != new.line
            || old.goals != new.goals || old.policyType != new.policyType || old.provenance != new.provenance
            || old.displayNoteNL != new.displayNoteNL
    }

    static func announcement(
        of change: FoldEffects.Change, plan: PlanIndex, stamp: CommitStamp
    ) -> Announcement {
        var json = JSONWriter()
        json.beginObject()
        let subject = change.subject.description
        json.member("subject")
        json.string(subject)
        switch (change.subject, change.new) {
        case (.action(let id), .action(let status)):
            if let action = plan.actions[id] { describe(action, in: &json) }
            write(status, in: &json)
        case (_, .rollup(let status)):
            if let titles = plan.titles[change.subject] {
                json.member("title_nl")
                json.string(titles.nl)
                json.member("title_en")
                json.string(titles.en)
            }
            write(status, in: &json)
        case (.programme, .action), (.goal, .action), (.line, .action):
            preconditionFailure("only an action has an action's status")
        }
        json.member("evaluated_on")
        json.string(stamp.evaluatedOn.description)
        writeRevision(change, stamp, in: &json)
        json.endObject()
        let payload = json.bytes
        return Announcement(
            subject: subject, payload: payload, hash: SHA256.digest(payload), bucket: bucket(of: subject))
    }

    /// A subject's status as a round's snapshot keeps it: without revision and evaluation day, which the round has.
    static func snapshot(of subject: Subject, _ published: FoldEffects.Published) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        member("subject", subject.description, in: &json)
        switch published {
        case .action(let status): write(status, in: &json)
        case .rollup(let status): write(status, in: &json)
        }
        json.endObject()
        return json.bytes
    }

    /// The three axes and what explains them, as events carry them.
    static func write(_ status: ActionStatus, in json: inout JSONWriter) {
        member("holder", status.holder?.rawValue, in: &json)
        member("lifecycle", status.lifecycle.rawValue, in: &json)
        member("rating", status.rating.rawValue, in: &json)
        member("reported_rating", status.reportedRating?.rawValue, in: &json)
        if let last = status.lastKnownRating { member("last_known_rating", last.rawValue, in: &json) }
        member("data_state", status.dataState.rawValue, in: &json)
        json.member("flags")
        strings(status.flags.map(\.rawValue), in: &json)
        json.member("reasons")
        strings(status.reasons.map(\.description), in: &json)
        member("as_of", status.asOf?.description, in: &json)
        json.member("milestones")
        json.beginObject()
        number("open", status.milestones.open, in: &json)
        number("reported_reached", status.milestones.reportedReached, in: &json)
        number("accepted", status.milestones.accepted, in: &json)
        number("dropped", status.milestones.dropped, in: &json)
        json.endObject()
        if !status.slips.isEmpty {
            json.member("slips")
            json.beginArray()
            for slip in status.slips {
                json.beginObject()
                member("milestone", slip.milestone.rawValue, in: &json)
                member("baseline_due", slip.baselineDue.description, in: &json)
                member("current_due", slip.currentDue.description, in: &json)
                json.endObject()
            }
            json.endArray()
        }
    }

    /// A roll-up with the counts behind its colour, the plan's actions first, what is shown apart behind them.
    static func write(_ status: RollupStatus, in json: inout JSONWriter) {
        write(status.plan, in: &json)
        json.member("apart")
        json.beginObject()
        write(status.apart, in: &json)
        json.endObject()
    }

    /// One part of a roll-up.
    ///
    /// - Parameter withMilestones: Whether its counts know of milestones: those of another day's picture don't.
    static func write(_ part: RollupPart, withMilestones: Bool = true, in json: inout JSONWriter) {
        member("lifecycle", part.lifecycle?.rawValue, in: &json)
        member("rating", part.rating?.rawValue, in: &json)
        json.member("reasons")
        strings(part.reasons.map(\.rawValue), in: &json)
        percent("coverage_percent", part.coveragePercent, in: &json)
        percent("percent_complete", part.percentComplete, in: &json)
        json.member("counts")
        write(part.counts, withMilestones: withMilestones, in: &json)
    }

    /// The counts of a part as an object: what the colour follows from, and what else is to be known.
    static func write(_ counts: RollupPartCounts, withMilestones: Bool, in json: inout JSONWriter) {
        json.beginObject()
        number("total", counts.total, in: &json)
        number("active", counts.active, in: &json)
        numbers("lifecycle", Lifecycle.allCases, in: &json) { counts.count(of: $0) }
        numbers("rating", DeliveryRating.allCases, in: &json) { counts.count(of: $0) }
        numbers("active_rating", DeliveryRating.allCases, in: &json) { counts.activeCount(of: $0) }
        number("critical_red", counts.criticalRed, in: &json)
        numbers("data_state", DataState.allCases, in: &json) { counts.count(of: $0) }
        number("disputed", counts.disputed, in: &json)
        number("rebaselined", counts.rebaselined, in: &json)
        number("covered", counts.covered, in: &json)
        if withMilestones {
            number("milestones_accepted", counts.milestonesAccepted, in: &json)
            number("milestones_counted", counts.milestonesCounted, in: &json)
        }
        json.endObject()
    }

    /// How many there are of each code.
    private static func numbers<Code: RawRepresentable<String>>(
        _ name: StaticString, _ codes: [Code], in json: inout JSONWriter, _ count: (Code) -> Int32
    ) {
        json.member(name)
        json.beginObject()
        for code in codes {
            json.member(name: code.rawValue)
            json.integer(Int64(count(code)))
        }
        json.endObject()
    }

    private static func percent(_ name: StaticString, _ value: Int?, in json: inout JSONWriter) {
        json.member(name)
        if let value { json.integer(Int64(value)) } else { json.null() }
    }

    private static func describe(_ action: PlannedAction, in json: inout JSONWriter) {
        member("action_id", action.id.rawValue, in: &json)
        member("code", action.code, in: &json)
        member("title_nl", action.titleNL, in: &json)
        member("title_en", action.titleEN, in: &json)
        member("display_note_nl", action.displayNoteNL, in: &json)
        member("line", action.line.rawValue, in: &json)
        json.member("goals")
        strings(action.goals.map(\.rawValue), in: &json)
        member("policy_type", action.policyType.rawValue, in: &json)
        member("provenance", action.provenance.rawValue, in: &json)
    }

    static func writeRevision(_ change: FoldEffects.Change, _ stamp: CommitStamp, in json: inout JSONWriter) {
        member("recorded_at", stamp.recordedAt.description, in: &json)
        json.member("commit")
        json.integer(stamp.number)
        json.member("revision")
        json.beginObject()
        json.member("epoch")
        json.integer(Int64(change.epoch))
        json.member("n")
        json.integer(change.revision)
        json.endObject()
    }

    static func member(_ name: StaticString, _ value: String?, in json: inout JSONWriter) {
        json.member(name)
        if let value { json.string(value) } else { json.null() }
    }

    static func number(_ name: StaticString, _ value: some BinaryInteger, in json: inout JSONWriter) {
        json.member(name)
        json.integer(Int64(value))
    }

    static func strings(_ values: [String], in json: inout JSONWriter) {
        json.beginArray()
        for value in values { json.string(value) }
        json.endArray()
    }
}
