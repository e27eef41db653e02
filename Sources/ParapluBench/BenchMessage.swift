import ParapluModel

/// One message of the benchmark before it has bytes.
struct BenchMessage {
    /// What is wrong with a message that is to be refused.
    enum Flaw: Int, CaseIterable {
        /// The value ends in its middle.
        case truncated
        /// A rating that the feed's list doesn't have.
        case unknownCode
        /// Red without a reason.
        case withoutReason
        /// A number of nine digits that passes the elfproef, in a field for text; only where the feed has one.
        case personalData

        /// The code with which it is refused.
        var code: RejectionCode {
            switch self {
            case .truncated: .decode
            case .unknownCode: .unknownCode
            case .withoutReason: .reasonRequired
            case .personalData: .personalData
            }
        }
    }

    /// One record of it.
    struct Item {
        /// The action's place in the plan.
        var action: Int
        var content: CanonicalRecord.Content
    }

    var feed: BenchFeed
    var partition: Int32
    /// Unique among the messages but for duplicates, which repeat it: the message's id.
    var number: Int
    var asOf: CalendarDate
    var sequence: Int64
    var items: [Item]
    var flaw: Flaw?
    /// Whether it repeats an earlier message of its partition, byte for byte.
    var isDuplicate = false

    /// Source's time: the day after the as-of, some moment of the morning.
    var time: String {
        "\(asOf.adding(days: 1))T08:\(BenchMessage.two(number / 60 % 60)):\(BenchMessage.two(number % 60))Z"
    }

    static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
