/// A whole-number or decimal range with its unit, and how a feed writes such numbers.
struct NumberForm: Equatable, Sendable {
    /// How the digits are written.
    enum Style: String, CaseIterable, Sendable {
        /// A number of JSON.
        case json
        /// Digits with a decimal point; as text, or as a number of JSON.
        case plain
        /// Digits with a decimal comma, and with or without a full stop between groups of three; as text.
        case dutch
    }

    var unit: String
    var min: Int64?
    var max: Int64?
    /// The most digits behind the decimal point, of the value in its unit.
    var decimals: Int
    var style = Style.json
    /// What may stand behind the digits, such as `%`; empty for nothing.
    var suffix: [UInt8] = []
    /// The power of ten that the number counts in: 3 for thousands.
    var exponent = 0

    /// The bounds times ten to the power of `decimals`, as numbers are compared.
    var scaledMin: Int64? { min.map { scaled($0) } }
    var scaledMax: Int64? { max.map { scaled($0) } }

    /// Whether every number in the range, as it is written, has fewer digits before its point than a citizen service
    /// number, whose leading zero may be left out.
    var isSmall: Bool {
        guard let min, let max else { return false }
        var bound: Int64 = 9_999_999
        for _ in 0..<exponent {
            let (product, overflow) = bound.multipliedReportingOverflow(by: 10)
            bound = overflow ? .max : product
        }
        // Decimals are digits too: with eight of them a small number is as long as one.
        return min >= -bound && max <= bound && decimals + exponent < 8
    }

    private func scaled(_ bound: Int64) -> Int64 {
        var value = bound
        for _ in 0..<decimals {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            if overflow { return bound < 0 ? .min : .max }
            value = product
        }
        return value
    }

    /// The number in its unit times ten to the power of `decimals`, exact.
    func value(_ text: UnsafeRawBufferPointer) throws(ExactNumber.Failure) -> Int64 {
        guard style != .json || !suffix.isEmpty else {
            return try ExactNumber.scaled(text, decimals: decimals + exponent)
        }
        guard text.count <= NumberForm.lengthMax else { throw .malformed }
        var digits: [UInt8] = []
        digits.reserveCapacity(text.count)
        try normalise(text, into: &digits)
        let decimals = decimals + exponent
        let result = digits.withUnsafeBytes { bytes -> Result<Int64, ExactNumber.Failure> in
            do throws(ExactNumber.Failure) {
                return .success(try ExactNumber.scaled(bytes, decimals: decimals))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// The longest number in text that is read, in bytes.
    private static let lengthMax = 64

    /// Writes digits with a point, as JSON has them, of what the style allows.
    private func normalise(_ text: UnsafeRawBufferPointer, into digits: inout [UInt8]) throws(ExactNumber.Failure) {
        var (start, end) = (0, text.count)
        func trim() {
            while start < end, text[start] == UInt8(ascii: " ") { start += 1 }
            while end > start, text[end - 1] == UInt8(ascii: " ") { end -= 1 }
        }
        trim()
        if !suffix.isEmpty, end - start > suffix.count, text[(end - suffix.count)..<end].elementsEqual(suffix) {
            end -= suffix.count
            trim()
        }
        if start < end, text[start] == UInt8(ascii: "-") {
            digits.append(text[start])
            start += 1
        }
        let comma = UInt8(ascii: style == .dutch ? "," : ".")
        let whole = text[start..<end].firstIndex(of: comma) ?? end
        try appendWhole(text, start..<whole, to: &digits)
        guard whole < end else { return }
        digits.append(UInt8(ascii: "."))
        guard text[(whole + 1)..<end].allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { throw .malformed }
        digits += text[(whole + 1)..<end]
    }

    private func appendWhole(
        _ text: UnsafeRawBufferPointer, _ range: Range<Int>, to digits: inout [UInt8]
    ) throws(ExactNumber.Failure) {
        let hasGroups = style == .dutch && text[range].contains(UInt8(ascii: "."))
        for index in range {
            // A full stop stands before each group of three, counted from the end, and nowhere else.
            let isPlaceOfStop = hasGroups && (range.upperBound - index) % 4 == 0
            if isPlaceOfStop {
                guard text[index] == UInt8(ascii: "."), index > range.lowerBound else { throw .malformed }
            } else {
                guard text[index] >= 0x30, text[index] <= 0x39 else { throw .malformed }
                digits.append(text[index])
            }
        }
    }
}
