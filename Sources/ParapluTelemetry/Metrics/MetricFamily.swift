internal import Synchronization

/// Name, meaning and labels of a metric; fixed when it is made.
struct MetricDescription: Sendable {
    enum Kind: String, Sendable { case counter, gauge, histogram }

    /// The name without `_total`.
    var name: String
    var kind: Kind
    /// The base unit, with which the name ends; nil for counts.
    var unit: String?
    var help: String
    var labels: [String]
}

/// One sample as the exposition writes it.
struct MetricSample: Sendable {
    /// What follows the family's name: `_total`, `_bucket`, `_sum`, `_count` or nothing.
    var suffix: String
    var labels: [(name: String, value: String)]
    var value: MetricValue
}

enum MetricValue: Sendable, Equatable {
    case integer(UInt64)
    case number(Double)
}

/// Something with samples under one name.
protocol MetricFamily: Sendable {
    var description: MetricDescription { get }

    /// The samples at this moment, ordered by their labels.
    func samples() -> [MetricSample]
}

/// The series of a family by their labels' values: a closed set, plus `other` for what is not in it.
///
/// Labels never grow without bound: a value that was not declared counts as `other`.
final class SeriesTable<Value: Sendable>: Sendable {
    /// The most series of a family.
    static var seriesMax: Int { 4_096 }

    private let values: Mutex<[[String]: Value]>
    private let width: Int
    private let zero: Value

    /// A table with a series at `zero` for every combination given.
    init(width: Int, combinations: [[String]], zero: Value) {
        precondition(combinations.allSatisfy { $0.count == width }, "a value for each label")
        precondition(combinations.count <= Self.seriesMax, "a bounded number of series")
        values = Mutex(Dictionary(combinations.map { ($0, zero) }) { first, _ in first })
        self.width = width
        self.zero = zero
    }

    func update(_ labels: [String], _ change: @Sendable (inout Value) -> Void) {
        precondition(labels.count == width, "a value for each label")
        values.withLock { values in
            let key = values[labels] == nil ? labels.map { _ in "other" } : labels
            change(&values[key, default: zero])
        }
    }

    /// Adds series at `zero` where there are none, `seriesMax` at most.
    func declare(_ combinations: [[String]]) {
        precondition(combinations.allSatisfy { $0.count == width }, "a value for each label")
        let zero = zero
        values.withLock { values in
            for labels in combinations where values[labels] == nil && values.count < Self.seriesMax {
                values[labels] = zero
            }
        }
    }

    /// Replaces all series, `seriesMax` at most.
    func replace(_ series: [[String]: Value]) {
        let kept =
            series.count <= Self.seriesMax
            ? series
            : Dictionary(
                uniqueKeysWithValues: series.sorted { $0.key.lexicographicallyPrecedes($1.key) }.prefix(Self.seriesMax)
                    .map { ($0.key, $0.value) })
        values.withLock { $0 = kept }
    }

    /// Takes series away.
    func removeAll(where isRemoved: @Sendable ([String]) -> Bool) {
        values.withLock { values in values = values.filter { !isRemoved($0.key) } }
    }

    func sorted() -> [(labels: [String], value: Value)] {
        values.withLock { $0 }.map { (labels: $0.key, value: $0.value) }
            .sorted { $0.labels.lexicographicallyPrecedes($1.labels) }
    }
}

/// A number that only rises.
package final class Counter: MetricFamily {
    let description: MetricDescription
    private let table: SeriesTable<UInt64>

    init(_ name: String, labels: [String] = [], combinations: [[String]] = [[]], help: String) {
        description = MetricDescription(name: name, kind: .counter, unit: nil, help: help, labels: labels)
        table = SeriesTable(width: labels.count, combinations: combinations, zero: 0)
    }

    /// Adds to the series of these labels' values, in the order of the labels.
    package func add(_ amount: Int = 1, _ labels: String...) {
        precondition(amount >= 0, "a counter only rises")
        table.update(labels) { $0 &+= UInt64(amount) }
    }

    /// Adds series at 0 where there are none.
    func declare(_ combinations: [[String]]) { table.declare(combinations) }

    func samples() -> [MetricSample] {
        table.sorted().map {
            MetricSample(
                suffix: "_total", labels: Array(zip(description.labels, $0.labels)).map { ($0, $1) },
                value: .integer($0.value))
        }
    }
}

/// A number that rises and falls.
package final class Gauge: MetricFamily {
    let description: MetricDescription
    private let table: SeriesTable<Double>

    init(
        _ name: String, unit: String? = nil, labels: [String] = [], combinations: [[String]] = [[]],
        initial: Double = 0,
        help: String
    ) {
        description = MetricDescription(name: name, kind: .gauge, unit: unit, help: help, labels: labels)
        table = SeriesTable(width: labels.count, combinations: combinations, zero: initial)
    }

    /// Sets the series of these labels' values, in the order of the labels.
    package func set(_ value: Double, _ labels: String...) { table.update(labels) { $0 = value } }

    /// Adds series at 0 where there are none.
    func declare(_ combinations: [[String]]) { table.declare(combinations) }

    /// Takes away the series of all other labels' values.
    func removeAll(but combinations: [[String]]) {
        let kept = Set(combinations)
        table.removeAll { !kept.contains($0) }
    }

    /// Sets the series to the larger of its value and this one.
    package func raise(to value: Double, _ labels: String...) { table.update(labels) { $0 = max($0, value) } }

    /// Replaces all series by those given, at most 4,096: for labels that come and go, as partitions do.
    package func replaceAll(_ series: [[String]: Double]) {
        precondition(series.keys.allSatisfy { $0.count == description.labels.count }, "a value for each label")
        table.replace(series)
    }

    func samples() -> [MetricSample] {
        table.sorted().map {
            MetricSample(
                suffix: "", labels: Array(zip(description.labels, $0.labels)).map { ($0, $1) }, value: .number($0.value)
            )
        }
    }
}

/// How often values fell within which bounds.
package final class Histogram: MetricFamily {
    /// For work of the database and the pipeline, in seconds.
    ///
    /// - Source: OpenTelemetry, `messaging.client.operation.duration`.
    static let seconds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]

    private struct State {
        var counts: [UInt64]
        var sum = 0.0
    }

    let description: MetricDescription
    private let bounds: [Double]
    private let state: Mutex<State>

    init(_ name: String, unit: String, bounds: [Double] = Histogram.seconds, help: String) {
        precondition(zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 }, "bounds rise")
        description = MetricDescription(name: name, kind: .histogram, unit: unit, help: help, labels: [])
        self.bounds = bounds
        state = Mutex(State(counts: Array(repeating: 0, count: bounds.count + 1)))
    }

    /// Counts one value.
    package func observe(_ value: Double) {
        guard value.isFinite else { return }
        let index = bounds.firstIndex { value <= $0 } ?? bounds.count
        state.withLock { state in
            state.counts[index] += 1
            state.sum += value
        }
    }

    /// Counts one duration, in seconds.
    package func observe(_ duration: Duration) { observe(duration.inSeconds) }

    func samples() -> [MetricSample] {
        let state = state.withLock { $0 }
        var below: UInt64 = 0
        var samples: [MetricSample] = []
        for (index, count) in state.counts.enumerated() {
            below += count
            let bound = index < bounds.count ? Exposition.text(bounds[index]) : "+Inf"
            samples.append(MetricSample(suffix: "_bucket", labels: [("le", bound)], value: .integer(below)))
        }
        samples.append(MetricSample(suffix: "_sum", labels: [], value: .number(state.sum)))
        samples.append(MetricSample(suffix: "_count", labels: [], value: .integer(below)))
        return samples
    }
}
