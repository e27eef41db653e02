import Digest
import ParapluModel
import Postgres

/// What a batch adds to each of its streams: next position, chain, and the balance.
struct BatchTally {
    private struct Counts {
        var next: Int64
        var chain: SHA256Digest
        var outcomes: [Outcome: Int64] = [:]
        var holes: Int64 = 0
        var lost: Int64 = 0
    }

    private let batch: [Claim]
    private var streams: [Counts]
    private(set) var outcomes: [Int: [Outcome: Int]] = [:]
    private(set) var rejections: [Refused: Refusals] = [:]

    /// A connector (an index into the batch's) and a code.
    struct Refused: Hashable {
        let connector: Int
        let code: RejectionCode
    }

    /// How many messages were refused, and where the first of them was.
    struct Refusals {
        var count: Int
        /// An index into the batch's streams.
        let stream: Int
        let position: Int64
    }

    init(_ batch: IntakeBatch) {
        self.batch = batch.streams
        streams = batch.streams.map { Counts(next: $0.next, chain: $0.chain) }
    }

    /// The stream's chain up to here.
    func chain(of stream: Int) -> SHA256Digest { streams[stream].chain }

    mutating func add(_ message: IntakeMessage, _ decision: Decision, chain: SHA256Digest) {
        precondition(message.position >= streams[message.stream].next, "positions of a stream rise")
        streams[message.stream].next = message.position + 1
        streams[message.stream].chain = chain
        streams[message.stream].outcomes[decision.outcome, default: 0] += 1
        outcomes[message.connector, default: [:]][decision.outcome, default: 0] += 1
        if let rejection = decision.rejection {
            rejections[
                Refused(connector: message.connector, code: rejection.code),
                default: Refusals(count: 0, stream: message.stream, position: message.position)
            ].count += 1
        }
    }

    mutating func add(_ gap: OffsetGap) {
        let count = Int64(gap.range.count)
        if gap.kind == .hole { streams[gap.stream].holes += count } else { streams[gap.stream].lost += count }
        streams[gap.stream].next = max(streams[gap.stream].next, gap.range.upperBound)
    }

    /// The claims as they are after the batch.
    var claims: [Claim] {
        zip(batch, streams).map { claim, counts in
            var claim = claim
            claim.next = counts.next
            claim.chain = counts.chain
            return claim
        }
    }

    /// The rows of the positions' update.
    var parameters: [Parameter] {
        var ids = BinaryArray(.int4)
        var chains = BinaryArray(.bytea)
        var numbers = [BinaryArray](repeating: BinaryArray(.int8), count: 8)
        for (claim, counts) in zip(batch, streams) {
            ids.append(int4: claim.streamID)
            chains.append(bytes: counts.chain.bytes)
            numbers[0].append(int8: counts.next)
            for (index, outcome) in [Outcome.applied, .duplicate, .stale, .rejected, .parked].enumerated() {
                numbers[index + 1].append(int8: counts.outcomes[outcome] ?? 0)
            }
            numbers[6].append(int8: counts.holes)
            numbers[7].append(int8: counts.lost)
        }
        return [.array(ids), .array(numbers[0]), .array(chains)] + numbers[1...].map { .array($0) }
    }
}
