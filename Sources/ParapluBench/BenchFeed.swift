import ParapluModel

/// The feeds that the benchmark writes for, each in its own shape and words.
enum BenchFeed: Int, CaseIterable {
    case jenv, szw, vws, bz, politie, comensha

    /// Partitions of each feed's topic: twelve over all feeds.
    static let partitions = 2

    /// The feed's folder below `connectors/`.
    var id: String {
        switch self {
        case .jenv: "jenv/voortgang"
        case .szw: "szw/actieplan"
        case .vws: "vws/voortgangsmelding"
        case .bz: "bz/canoniek"
        case .politie: "politie/bijdrage"
        case .comensha: "comensha/bijdrage"
        }
    }

    /// The partner's name in topics.
    var partner: String { String(id.prefix { $0 != "/" }) }
    /// The topic without prefix, as the connector declares it.
    var topic: String { "in.\(id.replacing("/", with: ".")).v1" }
    /// The organisation that owns the feed.
    var organisation: OrganisationID { OrganisationID(unchecked: "org-\(partner)") }
    /// Whether every message gets a receipt, as the connector declares it.
    var hasReceiptsForAll: Bool { self == .jenv }
    /// Whether the feed reports on milestones.
    var reportsMilestones: Bool { self == .jenv || self == .bz || self == .politie }
    /// The actions that the connector of SZW allows it to report on; every other feed may report on any.
    static let actionsOfSZW = ["ill-1-07", "ill-2-06", "ill-3-09", "act-5-03"]

    /// The lifecycles that the feed has words for, without the one that asks for a reason; the frequent one more often.
    var lifecycles: [Lifecycle] {
        let common: [Lifecycle] = [.underWay, .underWay, .underWay, .underWay, .underWay, .reportedComplete]
        return self == .politie ? common : common + [.paused]
    }

    /// The reasons that every feed has a word for.
    static let reasons: [ReasonCode] = [.capacity, .funding, .legislation, .cooperation, .dataSharing, .other]

    // MARK: Words

    func word(_ lifecycle: Lifecycle) -> String {
        switch (self, lifecycle) {
        case (.jenv, .underWay): "in uitvoering"
        case (.jenv, .paused): "stilgelegd"
        case (.jenv, .reportedComplete): "gereed gemeld"
        case (.szw, .underWay): "1"
        case (.szw, .paused): "2"
        case (.szw, .reportedComplete): "3"
        case (.vws, .underWay): "ongoing"
        case (.vws, .paused): "paused"
        case (.vws, .reportedComplete): "done"
        case (.politie, .underWay): "bezig"
        case (.politie, .reportedComplete): "gereed"
        case (.comensha, .underWay): "loopt"
        case (.comensha, .paused): "pauze"
        case (.comensha, .reportedComplete): "afgerond"
        default: lifecycle.rawValue
        }
    }

    func word(_ rating: DeliveryRating) -> String {
        let words: [String]
        switch self {
        case .jenv: words = ["op schema", "aandacht nodig", "achter op schema"]
        case .szw: words = ["G", "O", "R"]
        case .vws: words = ["green", "amber", "red"]
        case .bz: return rating.rawValue
        case .politie: words = ["goed", "matig", "slecht"]
        case .comensha: words = ["1", "2", "3"]
        }
        switch rating {
        case .green: return words[0]
        case .amber: return words[1]
        case .red, .grey: return words[2]
        }
    }

    func word(_ reason: ReasonCode) -> String {
        let words: [String]
        switch self {
        case .jenv:
            words = [
                "te weinig mensen", "te weinig geld", "wet nog niet klaar", "partners", "gegevens delen", "anders",
            ]
        case .szw: words = ["CAP", "FIN", "WET", "SAM", "ICT", "OVG"]
        case .vws: words = ["staff", "money", "law", "partners", "data", "other"]
        case .bz, .politie: return reason.rawValue
        case .comensha:
            words = ["capaciteit", "financiering", "wetgeving", "samenwerking", "gegevensdeling", "overig"]
        }
        return BenchFeed.reasons.firstIndex(of: reason).map { words[$0] } ?? reason.rawValue
    }
}
