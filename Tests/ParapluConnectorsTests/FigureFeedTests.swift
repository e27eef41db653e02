import ParapluConnectors
import ParapluModel
import Testing

@Suite("Feeds of figures")
struct FigureFeedTests {
    private static let feed = """
        connector: 1
        feed: test/feed
        owner:
          organisation: org-test
          oin: "00000099000000999000"
          principal: User:CN=test
        topic: in.test.feed.v1
        purpose: a test
        legal_basis: none
        retention_months: 1
        format:
          envelope: none
        key: none
        identity: [reporter, kind, action, item, as_of]
        records:
          - kind: indicator.observed
            fields:
              indicator: { path: /i }
              unit: { constant: persons }
              period: { path: /p }
              as_of: { path: /d, date: iso }
              value: { path: /v, number: {} }
              stage: { constant: definitive }
        authority:
          actions: any
          kinds: [indicator.observed]
        """

    private func decode(_ value: String, countMin: Int64 = DisclosureControl.countMin) throws -> (Intake, Observation?)
    {
        let (made, findings) = Connector.make(file: "t", bytes: Array(Self.feed.utf8))
        let connector = try #require(made, "\(findings)")
        var buffer = IntakeBuffer()
        let intake = StoredMessage(value: Array(#"{"i":"ind-1","p":"2024","d":"2025-01-01","v":\#(value)}"#.utf8))
            .decode(connector, MessageDecoder(countMin: countMin), into: &buffer)
        guard case .observation(let observation)? = buffer.records.first?.record.content else { return (intake, nil) }
        return (intake, observation)
    }

    @Test("a count that may be shown is kept as it came")
    func large() throws {
        let (intake, observation) = try decode("5")

        #expect(intake.keepsPayload)
        #expect(observation?.value == Figure(5))
    }

    @Test("a small count is gone before anything is stored, and the message isn't kept")
    func small() throws {
        let (intake, observation) = try decode("4")

        #expect(intake.rejection == nil && !intake.keepsPayload)
        #expect(observation?.value == nil)
        #expect(observation?.flag == .suppressed)
    }

    @Test("the smallest count is a setting")
    func setting() throws {
        #expect(try decode("9", countMin: 10).1?.flag == .suppressed)
        #expect(try decode("4", countMin: 3).1?.flag == .ok)
    }

    @Test("what is refused isn't kept: it may hold a small count that nobody found", arguments: ["-1", "\"4\"", "4"])
    func refused(value: String) throws {
        let (intake, _) = try decode(value + (value == "4" ? #","x":1"# : ""))

        #expect(intake.rejection != nil)
        #expect(!intake.keepsPayload)
    }
}
