internal import Glibc
internal import ParapluModel

/// Turns what was written into checked values, and keeps every problem on the way.
///
/// A value with a problem is replaced by its default or by an empty one, so that the rest can be checked as well.
struct SettingChecker {
    private(set) var problems: [Problem]
    private let settings: [SettingKey: RawSetting]
    private let file: String?
    private let credentialsDirectory: String?

    init(_ reader: SettingReader, file: String?, environment: [String: String]) {
        problems = reader.problems
        settings = reader.settings
        self.file = file
        credentialsDirectory = environment["CREDENTIALS_DIRECTORY"].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Whether the key was given a value, by file or environment.
    func isGiven(_ key: SettingKey) -> Bool { settings[key] != nil }

    // MARK: Problems

    /// Adds a problem at the place where the key was given, or at the file as a whole.
    mutating func report(
        _ key: SettingKey, _ code: Problem.Code, _ message: String, hint: String? = nil,
        severity: Problem.Severity = .error
    ) {
        let place = settings[key]?.place ?? SettingPlace(file: file, name: key.rawValue)
        report(at: place, code, message, hint: hint, severity: severity)
    }

    mutating func report(
        at place: SettingPlace, _ code: Problem.Code, _ message: String, hint: String? = nil,
        severity: Problem.Severity = .error
    ) {
        problems.append(
            Problem(
                file: place.file, line: place.line, column: place.column, key: place.name, code: code,
                severity: severity, message: message, hint: hint))
    }

    /// The text as written, or the default's; nil where there is neither, which is reported if the key needs one.
    private mutating func written(_ key: SettingKey) -> String? {
        if case .scalar(let text)? = settings[key]?.content { return text }
        let definition = key.definition
        if definition.isRequired {
            report(key, .missing, "a value is needed", hint: "set \(key.rawValue), or \(key.variable)")
        }
        return definition.standard
    }

    // MARK: Values by kind

    /// The number; the default or 0 where it isn't one in range.
    mutating func integer(_ key: SettingKey) -> Int {
        guard case .integer(let range, let unit) = key.definition.kind else { preconditionFailure("no number") }
        let standard = key.definition.standard.flatMap { Int($0) } ?? range.lowerBound
        guard let text = written(key) else { return standard }
        guard let value = Int(text), String(value) == text else {
            report(key, .invalidValue, "a whole number was expected, in \(unit)")
            return standard
        }
        guard range.contains(value) else {
            report(key, .outOfRange, "\(value) is not within \(range.lowerBound) to \(range.upperBound) \(unit)")
            return standard
        }
        return value
    }

    /// The flag; the default where it isn't one.
    mutating func flag(_ key: SettingKey) -> Bool {
        guard case .flag = key.definition.kind else { preconditionFailure("no flag") }
        switch written(key) {
        case "true": return true
        case "false": return false
        default:
            report(key, .invalidValue, "true or false was expected")
            return key.definition.standard == "true"
        }
    }

    /// One of the key's words as the enum given, whose raw values are those words.
    mutating func choice<Choice: RawRepresentable<String>>(_ key: SettingKey, or standard: Choice) -> Choice {
        guard case .choice(let words) = key.definition.kind else { preconditionFailure("no choice") }
        guard let text = written(key) else { return standard }
        if words.contains(text), let value = Choice(rawValue: text) { return value }
        report(
            key, .invalidValue, "one of \(words.joined(separator: ", ")) was expected",
            hint: nearestName(to: text, among: words).map { "did you mean \($0)?" })
        return standard
    }

    /// The text; nil where none is given or it breaks its rule.
    mutating func text(_ key: SettingKey) -> String? {
        guard case .text(let bytesMax, let rule) = key.definition.kind else { preconditionFailure("no text") }
        guard let text = written(key) else { return nil }
        guard !text.isEmpty, text.utf8.count <= bytesMax, rule.allows(text) else {
            report(key, .invalidValue, "expected: \(key.definition.range)")
            return nil
        }
        return text
    }

    /// The path; nil where none is given or it is not absolute.
    mutating func path(_ key: SettingKey) -> String? {
        switch key.definition.kind {
        case .path, .secretFile: break
        default: preconditionFailure("no path")
        }
        guard let text = written(key) else { return nil }
        guard text.hasPrefix("/"), text.utf8.count <= 4_000, !text.utf8.contains(0) else {
            report(key, .invalidValue, "an absolute path was expected")
            return nil
        }
        return text
    }

    /// The path of a file that librdkafka or libpq will read; reported where it can't be read.
    mutating func readablePath(_ key: SettingKey) -> String? {
        guard let path = path(key) else { return nil }
        do throws(FileReader.Failure) {
            _ = try FileReader.read(path, bytesMax: 1 << 20)
        } catch {
            report(key, .unreadableFile, error.sentence)
        }
        return path
    }

    /// The path of a directory; reported where it is none.
    mutating func directory(_ key: SettingKey) -> String? {
        guard let path = path(key) else { return nil }
        // The default need not be there: a tool that reads no connectors starts without.
        guard isGiven(key) else { return path }
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            report(key, .unreadableFile, "there is no such directory")
            return path
        }
        return path
    }

    /// The names and values of a map, with their places.
    func map(_ key: SettingKey) -> [(name: String, value: String, place: SettingPlace)] {
        guard case .map(let values)? = settings[key]?.content else { return [] }
        return values
    }

    // MARK: Secrets

    /// A secret and the file that it was read from.
    struct SecretFile {
        var secret: Secret
        var path: String
    }

    /// The secret of the key: the systemd credential of its id where there is one, else the file that is named.
    ///
    /// nil where neither is there, or the file has a problem, which is reported.
    mutating func secret(_ key: SettingKey) -> SecretFile? {
        guard case .secretFile(let credential, let bytes) = key.definition.kind else {
            preconditionFailure("no secret")
        }
        if let directory = credentialsDirectory {
            let path = "\(directory)/\(credential)"
            do throws(FileReader.Failure) {
                let contents = try FileReader.read(path, bytesMax: bytes.upperBound)
                return checked(key, contents, path, bytes)
            } catch .missing {
                // Not handed over as a credential: the file that is named counts.
            } catch {
                report(key, .unreadableFile, "the credential \(credential): \(error.sentence)")
                return nil
            }
        }
        guard let path = path(key) else { return nil }
        do throws(FileReader.Failure) {
            return checked(key, try FileReader.read(path, bytesMax: bytes.upperBound), path, bytes)
        } catch {
            report(
                key, .unreadableFile, error.sentence,
                hint: "the daemon's user must be able to read it; better, hand it over by"
                    + " LoadCredential=\(credential):\(path)")
            return nil
        }
    }

    private mutating func checked(
        _ key: SettingKey, _ contents: FileReader.Contents, _ path: String, _ bounds: ClosedRange<Int>
    ) -> SecretFile? {
        if contents.isOpenToOthers {
            report(
                key, .fileTooOpen, "everyone on this machine may read or change the file", hint: "chmod o= \(path)")
        }
        var bytes = contents.bytes
        // Editors end a password with a line break; a key of random bytes may really end so.
        if key == .kafkaSASLPasswordFile || key == .databasePasswordFile {
            if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
            if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
            guard !bytes.contains(where: { $0 == 0 || $0 == 10 }), String(validating: bytes, as: UTF8.self) != nil
            else {
                report(key, .invalidValue, "the file must hold one line of UTF-8 text")
                return nil
            }
        }
        guard bounds.contains(bytes.count) else {
            report(
                key, .outOfRange, "the file must hold \(bounds.lowerBound) to \(bounds.upperBound) bytes")
            return nil
        }
        return SecretFile(secret: Secret(bytes), path: path)
    }
}

extension SettingDefinition.TextRule {
    /// Whether the text is of this form.
    func allows(_ text: String) -> Bool {
        switch self {
        case .name:
            text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
        case .servers: BrokerAddress.list(text) != nil
        case .oin: OIN(text) != nil
        case .address: NetworkAddress.isNumeric(text)
        case .word: text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        }
    }
}
