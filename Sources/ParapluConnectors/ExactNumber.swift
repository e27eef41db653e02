/// A JSON number, scaled to a count of decimals, exactly: no floating point on the way.
enum ExactNumber {
    enum Failure: Error {
        /// More digits behind the point than are taken, such as 12.5 where a whole number is declared.
        case fraction
        /// Larger than 64 bits hold.
        case overflow
        /// No number at all.
        case malformed
    }

    /// The number times ten to the power of `decimals`.
    ///
    /// - Parameter text: a number as RFC 8259 writes it: sign, digits, fraction, exponent. Leading zeros are read too,
    ///   since an attribute such as `sequence` is padded with them.
    static func scaled(_ text: UnsafeRawBufferPointer, decimals: Int) throws(Failure) -> Int64 {
        var index = 0
        let isNegative = text.first == UInt8(ascii: "-")
        if isNegative { index = 1 }
        let digitsBegin = index
        while index < text.count, isDigit(text[index]) { index += 1 }
        let digitsEnd = index
        guard digitsEnd > digitsBegin else { throw .malformed }
        var fraction = index..<index
        if index < text.count, text[index] == UInt8(ascii: ".") {
            index += 1
            let begin = index
            while index < text.count, isDigit(text[index]) { index += 1 }
            guard index > begin else { throw .malformed }
            fraction = begin..<index
        }
        var exponent = 0
        if index < text.count, text[index] | 0x20 == UInt8(ascii: "e") {
            index += 1
            var isDown = false
            if index < text.count, text[index] == UInt8(ascii: "-") || text[index] == UInt8(ascii: "+") {
                isDown = text[index] == UInt8(ascii: "-")
                index += 1
            }
            let begin = index
            while index < text.count, isDigit(text[index]) {
                // Bounded: beyond this the number is 0, too small or too large anyway.
                exponent = min(exponent * 10 + Int(text[index] - 0x30), 1_000_000_000)
                index += 1
            }
            guard index > begin else { throw .malformed }
            if isDown { exponent = -exponent }
        }
        guard index == text.count else { throw .malformed }

        // The value is the digits, fraction included, times ten to the power of `shift`.
        var shift = exponent - fraction.count + decimals
        var magnitude: UInt64 = 0
        var droppedZeros = 0
        func append(_ digit: UInt8) throws(Failure) {
            // Zeros wait: at the end they are only a power of ten, and 1e0…0 must not overflow before `shift` takes it.
            guard digit != 0 || magnitude != 0 else { return }
            if digit == 0 {
                droppedZeros += 1
                return
            }
            while droppedZeros > 0 {
                magnitude = try timesTen(magnitude)
                droppedZeros -= 1
            }
            let (sum, overflow) = try timesTen(magnitude).addingReportingOverflow(UInt64(digit))
            guard !overflow else { throw .overflow }
            magnitude = sum
        }
        for position in digitsBegin..<digitsEnd { try append(text[position] - 0x30) }
        for position in fraction { try append(text[position] - 0x30) }
        guard magnitude != 0 else { return 0 }
        shift += droppedZeros
        guard shift >= 0 else { throw .fraction }
        guard shift <= 19 else { throw .overflow }
        for _ in 0..<shift { magnitude = try timesTen(magnitude) }
        if isNegative {
            guard magnitude <= UInt64(Int64.max) + 1 else { throw .overflow }
            return magnitude == UInt64(Int64.max) + 1 ? .min : -Int64(magnitude)
        }
        guard magnitude <= UInt64(Int64.max) else { throw .overflow }
        return Int64(magnitude)
    }

    private static func timesTen(_ value: UInt64) throws(Failure) -> UInt64 {
        let (product, overflow) = value.multipliedReportingOverflow(by: 10)
        guard !overflow else { throw .overflow }
        return product
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
}
