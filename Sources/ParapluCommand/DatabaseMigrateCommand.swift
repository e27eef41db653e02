internal import JSON
internal import ParapluStore

extension Command {
    /// The command `paraplu database migrate`.
    static let databaseMigrate = Command(
        "database migrate", summary: "bring the database to the schema that this program needs",
        details: """
            Connects as --database-user, else $PGUSER, else the user of the system, who must be a superuser or own the
            schemas. Migrations go forward only, each in one transaction; two that start together do the work once.
            """,
        example: "sudo -u postgres paraplu database migrate"
    ) { call in
        let user = call.services.environment["PGUSER"] ?? call.services.environment.user
        let done = try call.services.withDatabase(user: user) { try Migrator.migrate($0) }
        if call.isJSON {
            var json = JSONWriter()
            json.beginObject()
            json.member("version")
            json.integer(Int64(Migrator.needed))
            json.member("applied")
            json.beginArray()
            for version in done { json.integer(Int64(version)) }
            json.endArray()
            json.endObject()
            call.terminal.print(json: json.bytes)
        } else {
            for migration in Migrator.all where done.contains(migration.version) {
                call.terminal.print("applied \(migration.version) \(migration.name)\n")
            }
            call.terminal.say(
                done.isEmpty
                    ? "nothing to do: the schema has version \(Migrator.needed)"
                    : "the schema now has version \(Migrator.needed)")
        }
        return .done
    }
}
