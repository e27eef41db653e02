import Digest
import ParapluModel
import Testing

@Suite struct CanonicalRecordCodecTests {
    private static let progress = CanonicalRecord(
        reporter: OrganisationID(unchecked: "org-jenv"), action: ActionID(unchecked: "act-1-01"),
        asOf: CalendarDate(daysSince2000: 9282),
        sequence: -3, recordedAtSource: Timestamp(microsecondsSince2000: 802_080_000_000_001),
        content: .progress(
            ProgressReport(lifecycle: .stopped, rating: .amber, reasons: [.capacity, .other], document: "28638-257")))
    private static let milestone = CanonicalRecord(
        reporter: OrganisationID(unchecked: "org-szw"), action: ActionID(unchecked: "act-1-01"),
        asOf: CalendarDate(daysSince2000: 0),
        content: .milestone(
            MilestoneReport(
                milestone: MilestoneID(unchecked: "act-1-01-m1"), status: .planned,
                currentDue: CalendarDate(daysSince2000: 366),
                reachedOn: CalendarDate(daysSince2000: -1))))

    @Test("a record has one form in bytes")
    func form() {
        #expect(
            String(decoding: CanonicalRecordCodec.bytes(of: Self.progress), as: UTF8.self)
                == #"{"kind":"progress.reported","reporter":"org-jenv","action":"act-1-01","as_of":"2025-05-31","sequence":-3,"#
                + #""recorded_at_source":"2025-06-01T08:00:00.000001Z","lifecycle":"GESTOPT","rating":"ORANJE","#
                + #""reasons":["CAPACITEIT","OVERIG"],"document":"28638-257"}"#)
        #expect(
            String(decoding: CanonicalRecordCodec.bytes(of: Self.milestone), as: UTF8.self)
                == #"{"kind":"milestone.reported","reporter":"org-szw","action":"act-1-01","milestone":"act-1-01-m1","#
                + #""as_of":"2000-01-01","status":"GEPLAND","current_due":"2001-01-01","reached_on":"1999-12-31"}"#)
    }

    @Test("what a risk and a milestone say besides stands behind the rest, and where it isn't said the form is as ever")
    func besides() throws {
        func text(_ content: CanonicalRecord.Content) -> String {
            var record = Self.milestone
            record.content = content
            return String(decoding: CanonicalRecordCodec.bytes(of: record), as: UTF8.self)
        }
        let head =
            #"{"kind":"risk.reported","reporter":"org-szw","action":"act-1-01","risk":"r-1","as_of":"2000-01-01","#
        let risk = RiskID(unchecked: "r-1")

        #expect(
            text(.risk(RiskReport(risk: risk, level: .high, isOpen: true))) == head
                + #""level":"HOOG","status":"OPEN"}"#)
        #expect(
            text(
                .risk(
                    RiskReport(
                        risk: risk, level: .high, isOpen: true, response: .reduce,
                        owner: OrganisationID(unchecked: "org-om"))))
                == head + #""level":"HOOG","status":"OPEN","response":"BEPERKEN","owner":"org-om"}"#)
        let milestone = MilestoneID(unchecked: "act-1-01-m1")
        #expect(
            text(.milestone(MilestoneReport(milestone: milestone, status: .reportedReached, document: "28638-257")))
                .hasSuffix(#""status":"BEREIKT_GEMELD","document":"28638-257"}"#))
        for (name, wrong) in [
            ("response", #""response":"NEGEREN"}"#), ("owner", #""owner":"een afdeling"}"#),
            ("unknown", #""party":"org-om"}"#),
        ] {
            let bytes = Array((head + #""level":"HOOG","status":"OPEN","# + wrong).utf8)
            #expect(throws: CanonicalRecordError.member(name)) { try CanonicalRecordCodec.record(from: bytes) }
        }
    }

    private static let others: [CanonicalRecord] = {
        let milestone = MilestoneID(unchecked: "act-1-01-m1")
        let party = OrganisationID(unchecked: "org-szw")
        let contents: [CanonicalRecord.Content] = [
            .risk(RiskReport(risk: RiskID(unchecked: "r-1"), level: .high, isOpen: false)), .nothing,
            .risk(RiskReport(risk: RiskID(unchecked: "r-2"), level: .low, isOpen: true, response: .transfer)),
            .risk(
                RiskReport(risk: RiskID(unchecked: "r-3"), level: .low, isOpen: true, response: .avoid, owner: party)),
            .milestone(MilestoneReport(milestone: milestone, status: .reportedReached, document: "28638-257")),
            .withdrawal(Withdrawal(kind: .progressReported)),
            .withdrawal(Withdrawal(kind: .milestoneReported, item: "act-1-01-m1")),
            .assessment(Assessment(verdict: .refused)),
            .assessment(Assessment(milestone: milestone, verdict: .accepted)),
            .ruling(ConflictRuling(party: party, verdict: .party)),
            .ruling(ConflictRuling(party: party, milestone: milestone, verdict: .holder)),
        ]
        return contents.map { content in
            var record = progress
            record.content = content
            return record
        } + figures
    }()

    private static let figures: [CanonicalRecord] = {
        let period = Period("2024-H1") ?? { preconditionFailure("a period") }()
        let figure = Observation(
            indicator: IndicatorID(unchecked: "ind-1"), unit: .percent, period: period,
            breakdown: Breakdown(dimension: .form, category: "uv-sex"), value: Figure(thousandths: 31_500),
            flag: .rounded, stage: .restated)
        let unknown = Observation(
            indicator: IndicatorID(unchecked: "ind-1"), unit: .persons, period: period, value: nil, flag: .suppressed,
            stage: .provisional)
        return [figure, unknown].map {
            CanonicalRecord(
                reporter: OrganisationID(unchecked: "org-nrm"), observation: $0,
                asOf: CalendarDate(daysSince2000: 9300),
                sequence: 2)
        }
    }()

    @Test("records of different content differ in bytes, digest and identity")
    func distinct() {
        var hasher = SHA256()
        let all = [Self.progress, Self.milestone] + Self.others
        #expect(Set(all.map { CanonicalRecordCodec.bytes(of: $0) }).count == all.count)
        #expect(Set(all.map(\.digest)).count == all.count)
        #expect(Set(all.map { ShortIdentity($0.identity(using: &hasher)) }).count == all.count)
    }

    private struct ShortIdentity: Hashable {
        let high: UInt64
        let low: UInt64
        init(_ words: (UInt64, UInt64)) { (high, low) = words }
    }

    @Test("a decision comes behind every report of its day")
    func decisionsComeLast() {
        for record in Self.others {
            var report = Self.progress
            report.sequence = 2_000_000_000_000
            #expect((record.order > report.order) == record.kind.isOfficeDecision)
        }
    }

    @Test("a record's bytes give the record back", arguments: [progress, milestone] + others)
    func back(record: CanonicalRecord) throws {
        #expect(try CanonicalRecordCodec.record(from: CanonicalRecordCodec.bytes(of: record)) == record)
    }

    @Test(
        "other bytes give no record",
        arguments: [
            "", "[]", "{}", #"{"kind":"risk.reported","reporter":"a","action":"b","as_of":"2025-05-31"}"#,
            #"{"kind":"progress.reported","reporter":"a","action":"b","as_of":"2025-02-31","lifecycle":"LOOPT","rating":"GROEN"}"#,
            #"{"kind":"progress.reported","reporter":"a","action":"b","as_of":"2025-05-31","lifecycle":"LOOPT","rating":"GROEN","x":1}"#,
            #"{"kind":"progress.reported","reporter":"a","action":"b","as_of":"2025-05-31","sequence":1.5,"lifecycle":"LOOPT","rating":"GROEN"}"#,
        ])
    func refused(text: String) {
        #expect(throws: CanonicalRecordError.self) { try CanonicalRecordCodec.record(from: Array(text.utf8)) }
    }

    @Test("an identity sees each of its fields and nothing else")
    func identity() {
        var hasher = SHA256()
        func words(_ record: CanonicalRecord, _ fields: IdentityFields = .standard) -> [UInt64] {
            let words = record.identity(fields, using: &hasher)
            return [words.0, words.1]
        }
        var other = Self.milestone
        let base = words(Self.milestone)
        other.content = .milestone(MilestoneReport(milestone: MilestoneID(unchecked: "act-1-01-m1"), status: .dropped))
        #expect(words(other) == base)
        other.sequence = 0
        #expect(words(other) != base)
        let zero = words(other)
        other.recordedAtSource = Timestamp(microsecondsSince2000: 0)
        #expect(words(other) == zero)
        other.sequence = nil
        #expect(words(other) != zero)
        #expect(words(other, [.asOf]) == words(Self.milestone, [.asOf]))
        other.asOf = other.asOf.adding(days: 1)
        #expect(words(other, [.asOf]) != words(Self.milestone, [.asOf]))
        other.reporter = OrganisationID(unchecked: "org-sz")
        other.action = ActionID(unchecked: "wact-1-01")
        #expect(words(other, []) != words(Self.milestone, []))
    }

    @Test("a message's key keeps owner, source and id apart")
    func messageKey() {
        let owner = OrganisationID(unchecked: "org-a")
        let one = MessageKey.key(owner: owner, source: "ab", id: "c")
        #expect(one == MessageKey.key(owner: owner, source: "ab", id: "c"))
        #expect(one != MessageKey.key(owner: owner, source: "a", id: "bc"))
        #expect(one != MessageKey.key(owner: OrganisationID(unchecked: "org-b"), source: "ab", id: "c"))
    }
}
