import Testing

@testable import ParapluCommand

@Suite struct OptionParserTests {
    private let name = Option("name", "TEXT", "")
    private let force = Option("force", nil, "")

    @Test("options stand before or behind operands, with their value behind = or a space")
    func placesOfOptions() throws {
        let parsed = try ParsedArguments.parse(["a", "--name=x", "b", "--force", "c", "--name", "y"], [name, force])

        #expect(parsed.operands == ["a", "b", "c"])
        #expect(parsed[name] == "y")
        #expect(parsed[force] == "")
    }

    @Test("everything behind -- is an operand, and so is a lone dash")
    func endOfOptions() throws {
        let parsed = try ParsedArguments.parse(["-", "--", "--force"], [name, force])

        #expect(parsed.operands == ["-", "--force"])
        #expect(parsed[force] == nil)
    }

    @Test("a scan that stops at the first operand leaves the options behind it alone")
    func stopsAtOperand() throws {
        let parsed = try ParsedArguments.parse(
            ["--force", "status", "--name", "x"], [name, force], stopsAtOperand: true)

        #expect(parsed.operands == ["status", "--name", "x"])
        #expect(parsed[force] == "")
    }

    @Test(
        "a wrong option is named",
        arguments: [
            (["--nmae", "x"], "--nmae"), (["--name"], "--name"), (["--force=yes"], "--force"), (["-x"], "-x"),
        ])
    func wrongOptions(_ arguments: [String], _ culprit: String) {
        do {
            _ = try ParsedArguments.parse(arguments, [name, force])
            Issue.record("it was taken")
        } catch {
            #expect(error.description.contains(culprit))
        }
    }

    @Test("every command has words, a summary and an example of its own, and options of different names")
    func declarations() {
        let commands = CommandLineTool.commands

        #expect(Set(commands.map(\.name)).count == commands.count)
        for command in commands {
            let names = (command.options + Option.common).map(\.name)
            #expect(Set(names).count == names.count, "\(command.name)")
            #expect(command.example.contains("paraplu \(command.name)"), "\(command.name)")
            #expect(Usage.text(of: command).contains(command.summary))
        }
    }
}
