internal import JSON
internal import ParapluStore

extension Command {
    /// The command `paraplu database status`.
    static let databaseStatus = Command(
        "database status", summary: "show how far the database's schema is",
        details: "Exit code 1 where it isn't exactly the schema of this program.",
        example: "paraplu database status --output json"
    ) { call in
        let role = call.services.environment["PGUSER"] ?? "paraplu_operator"
        let known = try call.services.withDatabase(user: role) { try Migrator.status($0) }
        let states = (0..<max(known.count, Migrator.all.count)).map { index in
            guard index < Migrator.all.count else { return "unknown" }
            guard index < known.count else { return "pending" }
            return known[index] == Migrator.all[index].digest ? "applied" : "altered"
        }
        let isCurrent = states.allSatisfy { $0 == "applied" }
        if call.isJSON {
            var json = JSONWriter()
            json.beginObject()
            json.member("version")
            json.integer(known.count)
            json.member("needed")
            json.integer(Int64(Migrator.needed))
            json.member("is_current")
            json.bool(isCurrent)
            json.member("migrations")
            json.beginArray()
            for (index, state) in states.enumerated() {
                json.beginObject()
                json.member("version")
                json.integer(index + 1)
                json.member("name")
                json.string(index < Migrator.all.count ? Migrator.all[index].name : "")
                json.member("state")
                json.string(state)
                json.endObject()
            }
            json.endArray()
            json.endObject()
            call.terminal.print(json: json.bytes)
        } else {
            var table = Table(columns: [.init("VERSION", isRight: true), .init("NAME"), .init("STATE")])
            for (index, state) in states.enumerated() {
                table.add([String(index + 1), index < Migrator.all.count ? Migrator.all[index].name : "", state])
            }
            call.terminal.print(table)
            if states.contains("unknown") {
                call.terminal.say("a later program migrated this database; install that version of paraplu")
            } else if states.contains("altered") {
                call.terminal.say("the database was made by another build; restore it, or use that build")
            } else if !isCurrent {
                call.terminal.say("hint: paraplu database migrate")
            }
        }
        return isCurrent ? .done : .failed
    }
}
