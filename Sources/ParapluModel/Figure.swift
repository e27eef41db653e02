/// A number of an indicator, exactly: thousandths, at most some 9 · 10¹⁵ whole.
package struct Figure: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The number times 1,000.
    package let thousandths: Int64

    /// How many digits stand behind the point at most.
    package static let decimals = 3

    package init(thousandths: Int64) { self.thousandths = thousandths }

    /// A whole number; nil where it is too large.
    package init?(_ whole: Int64) {
        let (thousandths, overflow) = whole.multipliedReportingOverflow(by: 1000)
        guard !overflow else { return nil }
        self.thousandths = thousandths
    }

    /// The number written in decimal, such as `944` or `31.5`; nil for anything else, or more than three decimals.
    package init?(_ text: String) {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let head = parts.first, let whole = Int64(head),
            head.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == "-") })
        else { return nil }
        let (scaled, overflow) = whole.multipliedReportingOverflow(by: 1000)
        guard !overflow else { return nil }
        guard parts.count == 2 else {
            thousandths = scaled
            return
        }
        let tail = parts[1]
        guard (1...3).contains(tail.count), tail.allSatisfy({ $0.isASCII && $0.isNumber }), let part = Int64(tail)
        else { return nil }
        let fraction = tail.count == 1 ? part * 100 : tail.count == 2 ? part * 10 : part
        let (sum, tooLarge) = scaled.addingReportingOverflow(head.hasPrefix("-") ? -fraction : fraction)
        guard !tooLarge else { return nil }
        thousandths = sum
    }

    /// Whether nothing stands behind the point.
    package var isWhole: Bool { thousandths % 1000 == 0 }

    /// The number in decimal, without zeros at the end.
    package var description: String {
        let magnitude = thousandths.magnitude
        let (whole, rest) = magnitude.quotientAndRemainder(dividingBy: 1000)
        let sign = thousandths < 0 ? "-" : ""
        guard rest > 0 else { return sign + String(whole) }
        var tail = String(rest + 1000).dropFirst()
        while tail.hasSuffix("0") { tail = tail.dropLast() }
        return "\(sign)\(whole).\(tail)"
    }

    /// Whether the left number is the smaller one.
    package static func < (left: Figure, right: Figure) -> Bool { left.thousandths < right.thousandths }
}
