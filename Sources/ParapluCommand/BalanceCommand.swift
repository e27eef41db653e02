internal import ParapluStore

extension Command {
    /// The command `paraplu balance`.
    static let balance = Command(
        "balance", summary: "account for every message of every partition",
        details: """
            For every partition next − first = journalled + holes + lost, and journalled is the sum of the five outcomes.
            The journal is counted again for it. Exit code 1 on a difference.
            """,
        example: "paraplu balance --output json"
    ) { call in
        let balance = try call.services.withDatabase { try Balance.read($0) }
        if call.isJSON {
            call.terminal.print(json: balance.json)
        } else {
            var table = Table(
                columns: [.init("TOPIC")]
                    + [
                        "PARTITION", "FIRST", "NEXT", "JOURNALLED", "APPLIED", "DUPLICATE", "STALE", "REJECTED",
                        "PARKED", "HOLES", "LOST", "DIFFERENCE",
                    ].map { .init($0, isRight: true) })
            for line in balance.partitions {
                let numbers = [
                    Int64(line.partition), line.first, line.next, line.journalled, line.applied, line.duplicate,
                    line.stale, line.rejected, line.parked, line.holes, line.lost, line.difference,
                ]
                table.add([line.topic] + numbers.map(String.init))
            }
            call.terminal.print(table)
        }
        for finding in balance.findings {
            call.terminal.say(
                "\(finding.topic):\(finding.partition): \(finding.counter) says \(finding.counterValue),"
                    + " counted are \(finding.counted)")
        }
        guard balance.difference != 0 else { return .done }
        call.terminal.say("difference: \(balance.difference)\n  hint: paraplu verify tells where")
        return .failed
    }
}
