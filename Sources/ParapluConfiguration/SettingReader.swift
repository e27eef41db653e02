internal import YAML

/// Where a value came from, as a problem tells it.
struct SettingPlace {
    var file: String?
    var line: Int?
    var column: Int?
    /// The key's path, or the environment variable.
    var name: String
}

/// A value as it was written, not yet checked against its key.
struct RawSetting {
    enum Content {
        case scalar(String)
        case map([(name: String, value: String, place: SettingPlace)])
    }

    var content: Content
    var place: SettingPlace
}

/// Gathers values from file and environment, the environment winning, and every problem with their form.
struct SettingReader {
    /// What was given, by key.
    private(set) var settings: [SettingKey: RawSetting] = [:]
    private(set) var problems: [Problem] = []
    private var file: String?

    private static let keys = Dictionary(uniqueKeysWithValues: SettingKey.allCases.map { ($0.rawValue, $0) })
    private static let sections = Set(SettingKey.allCases.compactMap(\.section))

    /// Reads the file at `path`, if any, and then the variables.
    init(path: String?, environment: [String: String]) {
        if let path { readFile(path) }
        readEnvironment(environment)
    }

    // MARK: The file

    private mutating func readFile(_ path: String) {
        file = path
        let bytes: [UInt8]
        do throws(FileReader.Failure) {
            bytes = try FileReader.read(path, bytesMax: YAMLDocument.bytesMax).bytes
        } catch {
            problems.append(
                Problem(
                    file: path, key: nil, code: .unreadableFile, message: "the configuration: \(error.sentence)",
                    hint: "start from the commented example, paraplu.yaml"))
            return
        }
        // A file whose every line is commented out leaves all to environment and defaults; to YAML it is no document.
        let isEmpty = bytes.split(separator: UInt8(ascii: "\n")).allSatisfy { line in
            let first = line.first { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\r") }
            return first == nil || first == UInt8(ascii: "#")
        }
        if isEmpty { return }
        do throws(YAMLError) {
            readRoot(try YAMLDocument.parse(bytes, file: path))
        } catch {
            problems.append(
                Problem(
                    file: path, line: error.line, column: error.column, key: nil, code: .syntax, message: error.message
                ))
        }
    }

    private mutating func readRoot(_ root: YAMLNode) {
        if root.isNull { return }
        guard let entries = root.mapping else {
            problems.append(
                problem(root, key: nil, code: .invalidValue, "the file must hold keys and their values"))
            return
        }
        for entry in entries {
            let name = entry.key.text ?? ""
            if Self.sections.contains(name) {
                readSection(name, entry.value)
            } else if let key = Self.keys[name], key.section == nil {
                take(key, entry.value)
            } else {
                refuse(entry.key, path: name)
            }
        }
    }

    private mutating func readSection(_ section: String, _ node: YAMLNode) {
        // A section whose every key is commented out.
        if node.isNull { return }
        if section == SettingKey.rejectionWindowEnabled.section, let word = node.text,
            let flag = Self.switches[word]
        {
            settings[.rejectionWindowEnabled] = RawSetting(
                content: .scalar(flag), place: place(node, name: section))
            return
        }
        guard let entries = node.mapping else {
            problems.append(
                problem(node, key: section, code: .invalidValue, "a section holds keys and their values"))
            return
        }
        for entry in entries {
            let path = "\(section).\(entry.key.text ?? "")"
            if let key = Self.keys[path] { take(key, entry.value) } else { refuse(entry.key, path: path) }
        }
    }

    /// `rejection_window: off` and its relatives.
    private static let switches = ["off": "false", "false": "false", "on": "true", "true": "true"]

    private mutating func take(_ key: SettingKey, _ node: YAMLNode) {
        let place = place(node, name: key.rawValue)
        guard !node.isNull else {
            problems.append(
                problem(
                    node, key: key.rawValue, code: .invalidValue, "the value is empty",
                    hint: "leave the line out for what holds without it"))
            return
        }
        if case .map = key.definition.kind {
            takeMap(key, node, place)
        } else if let text = node.text {
            settings[key] = RawSetting(content: .scalar(text), place: place)
        } else {
            problems.append(problem(node, key: key.rawValue, code: .invalidValue, "one value was expected"))
        }
    }

    private mutating func takeMap(_ key: SettingKey, _ node: YAMLNode, _ mapPlace: SettingPlace) {
        guard let entries = node.mapping else {
            problems.append(problem(node, key: key.rawValue, code: .invalidValue, "names with values were expected"))
            return
        }
        var values: [(name: String, value: String, place: SettingPlace)] = []
        for entry in entries {
            let name = entry.key.text ?? ""
            guard let value = entry.value.text else {
                problems.append(
                    problem(
                        entry.value, key: "\(key.rawValue).\(name)", code: .invalidValue, "one value was expected"))
                continue
            }
            values.append((name, value, place(entry.key, name: "\(key.rawValue).\(name)")))
        }
        settings[key] = RawSetting(content: .map(values), place: mapPlace)
    }

    private mutating func refuse(_ node: YAMLNode, path: String) {
        let known = SettingKey.allCases.map(\.rawValue) + (path.contains(".") ? [] : Array(Self.sections))
        problems.append(
            problem(
                node, key: path, code: .unknownKey, "there is no such key",
                hint: nearestName(to: path, among: known).map { "did you mean \($0)?" }))
    }

    private func place(_ node: YAMLNode, name: String) -> SettingPlace {
        SettingPlace(file: file, line: node.line, column: node.column, name: name)
    }

    private func problem(
        _ node: YAMLNode, key: String?, code: Problem.Code, _ message: String, hint: String? = nil
    ) -> Problem {
        Problem(
            file: file, line: node.line, column: node.column, key: key, code: code, message: message, hint: hint)
    }

    // MARK: The environment

    private mutating func readEnvironment(_ environment: [String: String]) {
        let keys = Dictionary(uniqueKeysWithValues: SettingKey.allCases.map { ($0.variable, $0) })
        for (variable, value) in environment.sorted(by: { $0.key < $1.key }) where variable.hasPrefix("PARAPLU_") {
            let place = SettingPlace(name: variable)
            if let key = keys[variable] {
                settings[key] = RawSetting(content: content(of: key, value, place), place: place)
            } else if variable == Self.windowVariable, let flag = Self.switches[value] {
                settings[.rejectionWindowEnabled] = RawSetting(content: .scalar(flag), place: place)
            } else {
                refuse(variable: variable)
            }
        }
    }

    private static let windowVariable = "PARAPLU_REJECTION_WINDOW"

    /// A variable that is near a known one or in one of our sections is a mistake.
    ///
    /// Others are let be: a container platform makes variables of its own from the names of its services.
    private mutating func refuse(variable: String) {
        let known = SettingKey.allCases.map(\.variable) + [Self.windowVariable]
        let isOfSection = Self.sections.contains { variable.hasPrefix("PARAPLU_\($0.uppercased())_") }
        let near = known.first {
            editDistance(Array(variable.utf8.prefix(100)), Array($0.utf8)) <= 2
        }
        guard isOfSection || near != nil || variable == Self.windowVariable else { return }
        let nearest = near ?? nearestName(to: variable, among: known)
        problems.append(
            variable == Self.windowVariable
                ? Problem(key: variable, code: .invalidValue, message: "on or off was expected")
                : Problem(
                    key: variable, code: .unknownKey, message: "there is no such variable",
                    hint: nearest.map { "did you mean \($0)?" }))
    }

    private func content(of key: SettingKey, _ value: String, _ place: SettingPlace) -> RawSetting.Content {
        guard case .map = key.definition.kind else { return .scalar(value) }
        return .map(
            value.split(separator: ";").map { part in
                guard let equals = part.firstIndex(of: "=") else { return (String(part), "", place) }
                return (String(part[..<equals]), String(part[part.index(after: equals)...]), place)
            })
    }
}
