import ParapluConfiguration
import Testing

@Suite("Loading a configuration")
struct LoadTests {
    @Test("the environment alone will do, and the rest are defaults")
    func environmentAlone() throws {
        try withScratch { scratch in
            let configuration = try ServiceConfiguration.load(path: nil, environment: try scratch.environment())

            #expect(configuration.instance == "one")
            #expect(configuration.kafka.groupID == "paraplu")
            #expect(configuration.kafka.security == .plaintext)
            #expect(configuration.batch.bytesMax == 8_388_608)
            #expect(configuration.batch.delay == .milliseconds(20))
            #expect(configuration.rejectionWindow.isEnabled)
            #expect(configuration.rejectionWindow.size == 30)
            #expect(configuration.rejectionWindow.rejectedMax == 25)
            #expect(configuration.cutsInterval == .seconds(5))
            #expect(configuration.http.address == "127.0.0.1")
            #expect(configuration.http.port == 9_464)
            #expect(configuration.log.level == .info)
            #expect(configuration.log.format == .auto)
            #expect(configuration.warnings.map(\.code) == [.unsafe])
        }
    }

    @Test("a variable wins over the file")
    func precedence() throws {
        try withScratch { scratch in
            let configuration = try scratch.load(
                "batch:\n  messages_max: 7\n  delay_milliseconds: 9\n", ["PARAPLU_BATCH_MESSAGES_MAX": "8"])

            #expect(configuration.batch.messagesMax == 8)
            #expect(configuration.batch.delay == .milliseconds(9))
        }
    }

    @Test("the machine's name is the instance where none is given")
    func machineName() throws {
        try withScratch { scratch in
            var environment = try scratch.environment()
            environment["PARAPLU_INSTANCE"] = nil

            let configuration = try ServiceConfiguration.load(path: nil, environment: environment)

            #expect(!configuration.instance.isEmpty)
        }
    }

    @Test("all problems come together, in order of place, each with file, line, column and key")
    func together() throws {
        try withScratch { scratch in
            let problems = try scratch.problems(
                """
                instance: one
                kafka:
                  grup_id: x
                  security: tsl
                batch:
                  messages_max: 0
                  bytes_max: many
                cuts:
                  interval_seconds: 4
                """, ["PARAPLU_KAFKA_SECURITY": "plaintxt", "PARAPLU_HTTP_PORT": "65536"])

            let places = problems.map { "\($0.line ?? 0):\($0.column ?? 0) \($0.key ?? "") \($0.code.rawValue)" }
            #expect(
                places == [
                    "3:3 kafka.grup_id unknown_key",
                    "6:17 batch.messages_max out_of_range",
                    "7:14 batch.bytes_max invalid_value",
                    "9:21 cuts.interval_seconds out_of_range",
                    "0:0 PARAPLU_KAFKA_SECURITY invalid_value",
                    "0:0 PARAPLU_HTTP_PORT out_of_range",
                ])
            #expect(problems.prefix(4).allSatisfy { $0.file == "\(scratch.path)/paraplu.yaml" })
            #expect(problems.first?.hint == "did you mean kafka.group_id?")
            #expect(problems[4].hint == "did you mean plaintext?")
        }
    }

    @Test("what is required is missed")
    func required() {
        let problems = problemsOf { () throws(ConfigurationProblems) in
            _ = try ServiceConfiguration.load(path: nil, environment: ["PARAPLU_INSTANCE": "one"])
        }

        #expect(Set(problems.map(\.code)) == [.missing])
        #expect(
            Set(problems.map(\.key))
                == ["source_oin", "kafka.bootstrap_servers", "privacy.hash_key_file"])
    }

    @Test(
        "unknown keys are refused with the nearest known one",
        arguments: [
            ("topic_prefiks: x", "topic_prefiks", "topic_prefix"), ("databse:\n  host: x", "databse", "database"),
            ("database:\n  tsl: require", "database.tsl", "database.tls"),
            ("logs:\n  level: info", "logs", "log"),
        ])
    func unknownKey(yaml: String, key: String, nearest: String) throws {
        try withScratch { scratch in
            let problems = try scratch.problems(yaml)

            #expect(problems.map(\.code) == [.unknownKey])
            #expect(problems.first?.key == key)
            #expect(problems.first?.hint == "did you mean \(nearest)?")
        }
    }

    @Test("a mistyped variable is refused, a stranger's is let be")
    func unknownVariable() throws {
        try withScratch { scratch in
            let problems = try scratch.problems(
                "",
                [
                    "PARAPLU_KAFKA_GROUPID": "x", "PARAPLU_TOPIC_PREFX": "x", "PARAPLU_SERVICE_HOST": "x",
                    "PARAPLU_PORT_9464_TCP": "x",
                ])

            #expect(problems.map(\.key) == ["PARAPLU_KAFKA_GROUPID", "PARAPLU_TOPIC_PREFX"])
            #expect(
                problems.map(\.hint) == ["did you mean PARAPLU_KAFKA_GROUP_ID?", "did you mean PARAPLU_TOPIC_PREFIX?"])
        }
    }

    @Test(
        "the file itself is refused where it is no such YAML",
        arguments: [
            ("a: [", Problem.Code.syntax), ("- x", .invalidValue), ("kafka: 5", .invalidValue),
            ("instance:", .invalidValue), ("instance: [a]", .invalidValue), ("instance: a\ninstance: b", .syntax),
        ])
    func form(yaml: String, code: Problem.Code) throws {
        try withScratch { scratch in
            let problems = try scratch.problems(yaml)

            #expect(problems.map(\.code) == [code])
            #expect(problems.first?.line != nil)
        }
    }

    @Test("a file that isn't there is a problem")
    func noFile() throws {
        try withScratch { scratch in
            let environment = try scratch.environment()

            let problems = problemsOf { () throws(ConfigurationProblems) in
                _ = try ServiceConfiguration.load(path: "\(scratch.path)/none.yaml", environment: environment)
            }

            #expect(problems.map(\.code) == [.unreadableFile])
        }
    }

    @Test("a section without keys is empty")
    func emptySection() throws {
        try withScratch { scratch in
            let configuration = try scratch.load("kafka:\ndatabase:\n")

            #expect(configuration.kafka.groupID == "paraplu")
        }
    }

    @Test("the rejection window is turned off by one word", arguments: ["off", "false"])
    func windowOff(word: String) throws {
        try withScratch { scratch in
            let configurations = [
                try scratch.load("rejection_window: \(word)\n"),
                try scratch.load("", ["PARAPLU_REJECTION_WINDOW": word]),
                try scratch.load("rejection_window:\n  enabled: false\n"),
            ]

            #expect(configurations.allSatisfy { !$0.rejectionWindow.isEnabled })
        }
    }

    @Test("a window that could never be full is refused")
    func windowConflict() throws {
        try withScratch { scratch in
            let problems = try scratch.problems("rejection_window:\n  size: 10\n")

            #expect(problems.map(\.code) == [.conflict])
            #expect(problems.first?.key == "rejection_window.size")
        }
    }

    @Test("an OIN must be one")
    func oin() throws {
        try withScratch { scratch in
            let problems = try scratch.problems("", ["PARAPLU_SOURCE_OIN": "0000009900000090000"])

            #expect(problems.map(\.key) == ["PARAPLU_SOURCE_OIN"])
        }
    }

    @Test("problems are told as compilers do, and as JSON")
    func rendering() {
        let problems = ConfigurationProblems([
            Problem(key: "PARAPLU_X", code: .missing, message: "b"),
            Problem(
                file: "p.yaml", line: 2, column: 3, key: "a.b", code: .unknownKey, message: "say \"c\"", hint: "d\n"),
        ])

        #expect(
            problems.text
                == "p.yaml:2:3: error: a.b: say \"c\" [unknown_key]\n  hint: d\n\nerror: PARAPLU_X: b [missing]")
        #expect(
            problems.json == """
                {"problems":[{"severity":"error","code":"unknown_key","file":"p.yaml","line":2,"column":3,"key":"a.b",\
                "message":"say \\"c\\"","hint":"d\\u000a"},{"severity":"error","code":"missing","key":"PARAPLU_X",\
                "message":"b"}]}
                """)
    }
}
