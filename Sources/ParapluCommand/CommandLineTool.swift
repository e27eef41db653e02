/// The tool `paraplu`: finds the subcommand, runs it, and says in words and by its exit code how that ended.
enum CommandLineTool {
    /// All subcommands, in the order of the help.
    static let commands: [Command] = [
        .configCheck, .databaseMigrate, .databaseStatus, .topicsCreate, .planApply, .planShow, .connectorLint,
        .connectorTest, .connectorDrift, .feedList, .feedResume, .status, .explain, .assess, .conflictList,
        .conflictRule, .roundList,
        .roundOpen, .roundFreeze, .roundShow, .organisationList, .commitmentList, .indicatorList, .indicatorShow,
        .quarantineList, .quarantineShow, .balance, .verify,
        .rebuild,
    ]

    /// Runs a command line, given without the program's name.
    static func run(_ arguments: [String], _ services: Services) -> ExitCode {
        let terminal = Terminal(environment: services.environment)
        do {
            return try dispatch(arguments, services, terminal)
        } catch let error as UsageError {
            terminal.say("paraplu: \(error)")
            let words = words(of: arguments)
            terminal.say("try: paraplu \(words.isEmpty ? "" : words + " ")--help")
            return .invalidInput
        } catch {
            terminal.say("paraplu: \(Explanation.text(of: error))")
            return ExitCode(of: error)
        }
    }

    private static func dispatch(
        _ arguments: [String], _ services: Services, _ terminal: Terminal
    ) throws -> ExitCode {
        let before = try ParsedArguments.parse(arguments, Option.common, stopsAtOperand: true)
        if before[.version] != nil {
            terminal.print("paraplu \(Version.text)\n")
            return .done
        }
        guard let (command, rest) = command(of: before.operands) else {
            let isAsked = before[.help] != nil || before.operands.first == "help"
            let known = before.operands.prefix { !$0.hasPrefix("-") }.prefix(2)
            let help = Usage.overview(commands.filter { known.isEmpty || $0.words.first == known.first })
            let group = known.count == 1 && commands.contains { $0.words.first == known.first }
            if isAsked || before.operands.contains("--help") {
                let all = known.first == "help" || !group ? Usage.overview(commands) : help
                terminal.print(all)
                return .done
            }
            if before.operands.isEmpty {
                terminal.say(Usage.overview(commands))
                return .invalidInput
            }
            if group { terminal.say(help) }
            throw UsageError("there is no command “\(known.joined(separator: " "))”")
        }
        var parsed = try ParsedArguments.parse(rest, command.options + Option.common)
        parsed.add(before)
        if parsed[.help] != nil {
            terminal.print(Usage.text(of: command))
            return .done
        }
        if parsed[.version] != nil {
            terminal.print("paraplu \(Version.text)\n")
            return .done
        }
        if let form = parsed[.output], form != "table", form != "json" {
            throw UsageError("--output is table or json")
        }
        guard command.operandCount.contains(parsed.operands.count) else {
            throw UsageError(
                "usage: paraplu \(command.name)\(command.operands.isEmpty ? " (without operands)" : " " + command.operands)"
            )
        }
        services.use(parsed)
        return try command.run(Invocation(arguments: parsed, services: services, terminal: terminal))
    }

    /// The command whose words begin the operands, and what follows them.
    private static func command(of operands: [String]) -> (Command, [String])? {
        let found = commands.filter { operands.starts(with: $0.words) }.max { $0.words.count < $1.words.count }
        return found.map { ($0, Array(operands.dropFirst($0.words.count))) }
    }

    /// The words of the command that was meant, for the hint behind a wrong use.
    private static func words(of arguments: [String]) -> String {
        let operands = (try? ParsedArguments.parse(arguments, Option.common, stopsAtOperand: true))?.operands ?? []
        if let (command, _) = command(of: operands) { return command.name }
        guard let first = operands.first, commands.contains(where: { $0.words.first == first }) else { return "" }
        return first
    }
}
