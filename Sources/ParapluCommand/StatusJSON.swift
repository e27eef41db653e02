internal import JSON
internal import ParapluModel
internal import ParapluStore

/// The status as JSON: `{"watermark": {…}, "actions": […], "rollups": […]}`, with the columns of `report_v1`.
enum StatusJSON {
    static func bytes(of picture: StatusReader.Picture) -> [UInt8] {
        JSONWriter.object { json in
            write(picture.watermark, in: &json)
            json.list("actions", picture.actions) { action, json in json.object { write(action, in: &$0) } }
            json.list("rollups", picture.rollups) { rollup, json in json.object { write(rollup, in: &$0) } }
        }
    }

    static func write(_ watermark: StatusReader.Watermark, in json: inout JSONWriter) {
        json.object("watermark") { json in
            json.number("commit", watermark.commit)
            json.text("recorded_at", watermark.recordedAt.description)
        }
    }

    static func write(_ action: StatusReader.Action, in json: inout JSONWriter) {
        json.text("action_id", action.id.rawValue)
        json.text("code", action.code)
        json.text("title_nl", action.titleNL)
        json.text("title_en", action.titleEN)
        json.text("display_note_nl", action.displayNoteNL)
        json.text("line", action.line.rawValue)
        json.text("holder", action.holder?.rawValue)
        json.text("lifecycle", action.lifecycle)
        json.text("rating", action.rating)
        json.text("reported_rating", action.reportedRating)
        json.text("data_state", action.dataState)
        json.texts("flags", action.flags)
        json.texts("reasons", action.reasons)
        json.text("as_of", action.asOf?.description)
        json.text("recorded_at", action.recordedAt?.description)
        json.number("revision", action.revision)
        json.number("epoch", action.epoch)
        json.text("evaluated_on", action.evaluatedOn.description)
        json.text("policy_type", action.policyType)
        json.text("provenance", action.provenance)
        json.text("last_known_rating", action.lastKnownRating)
    }

    static func write(_ rollup: StatusReader.Rollup, in json: inout JSONWriter) {
        json.text("subject", rollup.subject.description)
        json.text("title_nl", rollup.titleNL)
        json.text("title_en", rollup.titleEN)
        json.text("lifecycle", rollup.lifecycle)
        json.text("rating", rollup.rating)
        json.texts("reasons", rollup.reasons)
        json.member("counts")
        json.raw(rollup.counts)
        json.number("coverage_percent", rollup.coveragePercent)
        json.number("percent_complete", rollup.percentComplete)
        json.text("recorded_at", rollup.recordedAt?.description)
        json.number("revision", rollup.revision)
        json.number("epoch", rollup.epoch)
        json.text("evaluated_on", rollup.evaluatedOn.description)
        json.member("apart")
        json.raw(rollup.apart)
    }
}
