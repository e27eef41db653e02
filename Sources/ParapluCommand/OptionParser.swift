internal import CGetOpt
internal import Glibc
internal import Synchronization

/// What a command line says wrongly, and which command's help tells more.
struct UsageError: Error, CustomStringConvertible {
    /// What is wrong, in a sentence.
    let description: String

    init(_ description: String) { self.description = description }
}

/// The options and operands of a command line, taken apart by getopt_long(3) of the C library.
///
/// So options may be shortened, may stand behind operands, have their value behind `=` or a space, and end at `--`.
struct ParsedArguments: Sendable {
    /// The values given, by option; the last one of an option that is given twice.
    private(set) var values: [String: String] = [:]
    /// What isn't an option, in order.
    private(set) var operands: [String] = []

    /// The value of an option; the empty text for one without a value; nil where it isn't given.
    subscript(_ option: Option) -> String? { values[option.name] }

    /// Adds what was given elsewhere, which the values here win over.
    mutating func add(_ other: ParsedArguments) { values.merge(other.values) { own, _ in own } }

    /// getopt_long keeps its place in globals of the C library.
    private static let turn = Mutex(())

    /// Takes arguments apart.
    ///
    /// - Parameter stopsAtOperand: Whether everything from the first operand on is an operand, options included.
    static func parse(
        _ arguments: [String], _ options: [Option], stopsAtOperand: Bool = false
    ) throws(UsageError) -> ParsedArguments {
        let outcome = turn.withLock { _ -> Result<ParsedArguments, UsageError> in
            do throws(UsageError) {
                return .success(try scan(arguments, options, stopsAtOperand: stopsAtOperand))
            } catch {
                return .failure(error)
            }
        }
        return try outcome.get()
    }

    private static func scan(
        _ arguments: [String], _ options: [Option], stopsAtOperand: Bool
    ) throws(UsageError) -> ParsedArguments {
        // The strings that C keeps pointers to for the time of the scan.
        let owned = (["paraplu"] + arguments).map { strdup($0) }
        let names = options.map { strdup($0.name) }
        defer { for text in owned + names { free(text) } }
        var vector: [UnsafeMutablePointer<CChar>?] = owned + [nil]
        var long: [option] = []
        for (index, choice) in options.enumerated() {
            let takesValue = choice.value == nil ? no_argument : required_argument
            long.append(
                option(name: UnsafePointer(names[index]), has_arg: takesValue, flag: nil, val: Int32(256 + index)))
        }
        long.append(option(name: nil, has_arg: 0, flag: nil, val: 0))

        var parsed = ParsedArguments()
        cgetopt_begin()
        while true {
            // `:` in front tells a missing value from an unknown option; `+` stops at the first operand.
            let next = getopt_long(Int32(owned.count), &vector, stopsAtOperand ? "+:" : ":", long, nil)
            if next == -1 { break }
            if next >= 256 {
                let option = options[Int(next) - 256]
                parsed.values[option.name] = cgetopt_value().map { String(cString: $0) } ?? ""
                continue
            }
            let place = max(1, Int(cgetopt_index()) - 1)
            let written = vector[place].map { String(cString: $0) } ?? ""
            if next == Int32(UInt8(ascii: ":")) { throw UsageError("\(written) needs a value") }
            let culprit = cgetopt_culprit()
            if culprit >= 256 { throw UsageError("--\(options[Int(culprit) - 256].name) takes no value") }
            let name = culprit == 0 ? written : "-" + String(UnicodeScalar(UInt8(truncatingIfNeeded: culprit)))
            throw UsageError("there is no option \(name), or it isn't clear which is meant")
        }
        // getopt_long has moved the operands behind the options.
        parsed.operands = vector[Int(cgetopt_index())..<owned.count].compactMap { $0.map { String(cString: $0) } }
        return parsed
    }
}
