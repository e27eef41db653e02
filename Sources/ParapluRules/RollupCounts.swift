package import ParapluModel

/// The counts of a set of distinct actions: all that a roll-up's colour follows from.
///
/// A commutative group: adding and removing contributions in any order gives the same counts, so a roll-up is kept up
/// to date without looking at its other actions. An action tied to two goals is added once to each goal's counts and
/// once to the programme's.
package struct RollupCounts: Hashable, Sendable {
    /// The plan's actions.
    package private(set) var plan = RollupPartCounts()
    /// Standing policy, legislation and regional items.
    package private(set) var apart = RollupPartCounts()

    /// The counts of no action.
    package init() {}

    /// Adds an action's contribution.
    package mutating func add(_ contribution: RollupContribution) {
        switch contribution.part {
        case .plan: plan.cells &+= RollupPartCounts(of: contribution).cells
        case .apart: apart.cells &+= RollupPartCounts(of: contribution).cells
        case .uncounted: break
        }
    }

    /// Removes a contribution that was added before.
    package mutating func remove(_ contribution: RollupContribution) {
        switch contribution.part {
        case .plan: plan.cells &-= RollupPartCounts(of: contribution).cells
        case .apart: apart.cells &-= RollupPartCounts(of: contribution).cells
        case .uncounted: break
        }
    }

    /// How many numbers `values` has.
    package static let valueCount = 2 * RollupPartCounts.cellCount

    /// The counts as a list of numbers: the plan's, then those apart, always in the same order.
    package var values: [Int32] { plan.values + apart.values }

    /// The counts of such a list, or nil where it has another length.
    package init?(values: [Int32]) {
        guard values.count == RollupCounts.valueCount else { return nil }
        plan = RollupPartCounts(values: values[..<RollupPartCounts.cellCount])
        apart = RollupPartCounts(values: values[RollupPartCounts.cellCount...])
    }
}

/// The counts of one part of a roll-up.
package struct RollupPartCounts: Hashable, Sendable {
    /// The places of the counts, one lane each: states are kept, so a place is never given to another count.
    private enum Cell {
        static let total = 0
        static let active = 1
        static let lifecycle = 2  // 7 of them
        static let rating = 9  // 4
        static let activeRating = 13  // 4
        static let dataState = 17  // 3
        static let criticalRed = 20
        static let disputed = 21
        static let rebaselined = 22
        static let covered = 23
        static let milestonesAccepted = 24
        static let milestonesCounted = 25
    }

    /// How many lanes of `cells` are in use; the rest is 0.
    fileprivate static let cellCount = 26

    /// One vector, so that adding an action is one addition.
    fileprivate var cells = SIMD32<Int32>()

    fileprivate init() {}

    fileprivate init(of contribution: RollupContribution) {
        cells[Cell.total] = 1
        cells[Cell.lifecycle + RollupPartCounts.place(of: contribution.lifecycle)] = 1
        cells[Cell.rating + RollupPartCounts.place(of: contribution.rating)] = 1
        if contribution.isActive {
            cells[Cell.active] = 1
            cells[Cell.activeRating + RollupPartCounts.place(of: contribution.rating)] = 1
        }
        cells[Cell.dataState + RollupPartCounts.place(of: contribution.dataState)] = 1
        if contribution.isCriticalRed { cells[Cell.criticalRed] = 1 }
        if contribution.isDisputed { cells[Cell.disputed] = 1 }
        if contribution.isRebaselined { cells[Cell.rebaselined] = 1 }
        if contribution.hasCurrentHolderReport { cells[Cell.covered] = 1 }
        cells[Cell.milestonesAccepted] = contribution.milestonesAccepted
        cells[Cell.milestonesCounted] = contribution.milestonesCounted
    }

    fileprivate init(values: ArraySlice<Int32>) {
        for (lane, value) in values.enumerated() { cells[lane] = value }
    }

    fileprivate var values: [Int32] { (0..<RollupPartCounts.cellCount).map { cells[$0] } }

    /// All actions.
    package var total: Int32 { cells[Cell.total] }
    /// The actions that take part in the colour: the `n` of the rules.
    package var active: Int32 { cells[Cell.active] }
    /// The active actions that are critical and red.
    package var criticalRed: Int32 { cells[Cell.criticalRed] }
    /// The actions in which an involved organisation contradicts the holder.
    package var disputed: Int32 { cells[Cell.disputed] }
    /// The actions with a milestone that is late against its first date, which was moved.
    package var rebaselined: Int32 { cells[Cell.rebaselined] }
    /// The actions with a current report of their holder.
    package var covered: Int32 { cells[Cell.covered] }
    /// The accepted milestones of all actions.
    package var milestonesAccepted: Int32 { cells[Cell.milestonesAccepted] }
    /// The milestones of all actions that are not dropped.
    package var milestonesCounted: Int32 { cells[Cell.milestonesCounted] }

    /// The actions in that lifecycle.
    package func count(of lifecycle: Lifecycle) -> Int32 {
        cells[Cell.lifecycle + RollupPartCounts.place(of: lifecycle)]
    }
    /// The actions with that rating, active or not.
    package func count(of rating: DeliveryRating) -> Int32 {
        cells[Cell.rating + RollupPartCounts.place(of: rating)]
    }
    /// The active actions with that rating: what the colour follows from.
    package func activeCount(of rating: DeliveryRating) -> Int32 {
        cells[Cell.activeRating + RollupPartCounts.place(of: rating)]
    }
    /// The actions in that data state.
    package func count(of dataState: DataState) -> Int32 {
        cells[Cell.dataState + RollupPartCounts.place(of: dataState)]
    }

    private static func place(of lifecycle: Lifecycle) -> Int {
        switch lifecycle {
        case .notStarted: 0
        case .underWay: 1
        case .paused: 2
        case .reportedComplete: 3
        case .complete: 4
        case .stopped: 5
        case .unknown: 6
        }
    }

    private static func place(of rating: DeliveryRating) -> Int {
        switch rating {
        case .green: 0
        case .amber: 1
        case .red: 2
        case .grey: 3
        }
    }

    private static func place(of dataState: DataState) -> Int {
        switch dataState {
        case .current: 0
        case .stale: 1
        case .missing: 2
        }
    }
}
