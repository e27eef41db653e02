/// The texts behind `--help`, made of the commands' declarations.
enum Usage {
    /// One command's help.
    static func text(of command: Command) -> String {
        var text = "usage: paraplu \(command.name)"
        if !command.operands.isEmpty { text += " " + command.operands }
        for option in command.options {
            let form = "--\(option.name)" + (option.value.map { " " + $0 } ?? "")
            text += option.help.hasSuffix("(required)") ? " \(form)" : " [\(form)]"
        }
        text += "\n\n\(command.summary)\n"
        if !command.details.isEmpty { text += "\n\(command.details)\n" }
        if !command.options.isEmpty { text += "\noptions:\n" + lines(command.options) }
        text += "\noptions of every command:\n" + lines(command.commonOptions)
        text += "\nexample:\n  \(command.example)\n"
        return text + exitCodes
    }

    /// All commands given, one line each.
    static func overview(_ commands: [Command]) -> String {
        var text = "usage: paraplu [OPTION]... COMMAND [OPTION]... [OPERAND]...\n\ncommands:\n"
        var table = Table(columns: [.init(""), .init("")], hasHeader: false)
        for command in commands {
            table.add(["  " + command.name + (command.operands.isEmpty ? "" : " " + command.operands), command.summary])
        }
        text += table.text(width: nil, usesColor: false)
        text += "\noptions of every command:\n" + lines(Option.common)
        text += "\nexample:\n  paraplu status --output json\n"
        return text + exitCodes + "\nMore of a command: paraplu COMMAND --help\n"
    }

    private static let exitCodes = """

        exit codes: 0 done, 1 failed or a difference was found, 2 invalid input, 3 a service could not be reached

        """

    private static func lines(_ options: [Option]) -> String {
        var table = Table(columns: [.init(""), .init("")], hasHeader: false)
        for option in options {
            table.add(["  --\(option.name)" + (option.value.map { " " + $0 } ?? ""), option.help])
        }
        return table.text(width: nil, usesColor: false)
    }
}
