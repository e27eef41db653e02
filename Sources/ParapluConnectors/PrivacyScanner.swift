internal import ParapluModel

/// A pattern of personal data in text.
package enum PersonalDataPattern: String, CaseIterable, Sendable {
    /// A citizen service number: nine digits (or eight, its leading zero left out) that pass the elfproef.
    case citizenServiceNumber = "bsn"
    /// An international bank account number that passes its check.
    case bankAccount = "iban"
    case email
    /// A Dutch phone number: `+31`, `0031` or `06`.
    case phone
}

/// Finds personal data in bytes of text: one pass, looking closer only at bytes that can begin a pattern.
///
/// Those are digits, `@` and `+`. A find is "possible": one in eleven numbers of nine digits passes the elfproef by
/// accident, and so does every RSIN. So whole digit runs count only, and what has a known other meaning does not: a
/// run of twenty digits (an OIN), a UUID, a digest, a date, a fraction of a second.
///
/// - Source: elfproef and IBAN as in `Elfproef` and ISO 13616; UUID as in RFC 9562.
package enum PrivacyScanner {
    /// The first pattern in the text, or nil.
    ///
    /// The bytes need not be valid UTF-8: what could not be decoded is scanned as it came.
    package static func pattern(in text: UnsafeRawBufferPointer) -> PersonalDataPattern? {
        guard text.count >= 6 else { return nil }
        var index = 0
        while index < text.count {
            let byte = text[index]
            // Most bytes are letters, and begin nothing.
            if byte > UInt8(ascii: "@") {
                index += 1
            } else if isDigit(byte) {
                var end = index + 1
                while end < text.count, isDigit(text[end]) { end += 1 }
                if let found = numberPattern(in: text, from: index, to: end) { return found }
                index = end
            } else if byte == UInt8(ascii: "@") {
                if isEmail(text, at: index) { return .email }
                index += 1
            } else if byte == UInt8(ascii: "+") {
                if isInternationalPhone(text, from: index + 1) { return .phone }
                index += 1
            } else {
                index += 1
            }
        }
        return nil
    }

    /// The pattern that a whole digit run belongs to, or nil.
    private static func numberPattern(in text: UnsafeRawBufferPointer, from start: Int, to end: Int)
        -> PersonalDataPattern?
    {
        if start >= 2, isLetter(text[start - 1]), isLetter(text[start - 2]), end - start >= 2,
            start == 2 || !isWord(text[start - 3]), isIBAN(text, from: start - 2)
        {
            return .bankAccount
        }
        var found: PersonalDataPattern?
        switch end - start {
        case 8 where !isCompactDate(text, at: start) && passesElfproef(text, from: start, count: 8):
            found = .citizenServiceNumber
        case 9 where passesElfproef(text, from: start, count: 9) && !isFractionOfSecond(text, at: start):
            found = .citizenServiceNumber
        case 10 where text[start] == 0x30 && text[start + 1] == 0x36:
            found = .phone
        case 13 where isCountryPrefix(text, at: start):
            found = .phone
        case 2...7:
            found = groupedPattern(in: text, from: start, to: end)
        default:
            break
        }
        guard let found, !isInsideRandomness(text, at: start) else { return nil }
        return found
    }

    /// The pattern of digit groups with single separators between them that begins with this group, or nil.
    private static func groupedPattern(in text: UnsafeRawBufferPointer, from start: Int, to end: Int)
        -> PersonalDataPattern?
    {
        // A number with separators stands alone: it begins where no digit and full stop or hyphen come before it.
        if start >= 2, isDigit(text[start - 2]),
            text[start - 1] == UInt8(ascii: ".") || text[start - 1] == UInt8(ascii: "-")
        {
            return nil
        }
        var digits: (UInt64, count: Int) = (0, 0)
        var groups = 0
        var secondAndThird = (0, 0)
        var shortest = Int.max
        var position = start
        var groupEnd = end
        while true {
            let length = groupEnd - position
            guard digits.count + length <= 13 else { return nil }
            for index in position..<groupEnd { digits.0 = digits.0 * 10 + UInt64(text[index] - 0x30) }
            digits.count += length
            groups += 1
            shortest = min(shortest, length)
            if groups == 2 { secondAndThird.0 = length }
            if groups == 3 { secondAndThird.1 = length }
            let separator = groupEnd < text.count ? text[groupEnd] : 0
            let goesOn =
                isSeparator(separator) && groupEnd + 1 < text.count && isDigit(text[groupEnd + 1])
            let standsAlone = !goesOn || separator == UInt8(ascii: " ")
            if standsAlone, groups >= 2, digits.count == 10, text[start] == 0x30, text[start + 1] == 0x36,
                secondAndThird != (2, 4)
            {
                return .phone
            }
            if standsAlone, groups >= 2, digits.count == 13, isCountryPrefix(text, at: start) { return .phone }
            if standsAlone, groups >= 3, digits.count == 9, shortest >= 2, passesElfproef(digits.0) {
                return .citizenServiceNumber
            }
            guard goesOn else { return nil }
            position = groupEnd + 1
            groupEnd = position
            while groupEnd < text.count, isDigit(text[groupEnd]) { groupEnd += 1 }
        }
    }

    /// Whether the bytes around an at sign are an e-mail address.
    private static func isEmail(_ text: UnsafeRawBufferPointer, at index: Int) -> Bool {
        guard index > 0, isLocalPart(text[index - 1]) else { return false }
        var position = index + 1
        var labels = 0
        while true {
            let start = position
            while position < text.count, isWord(text[position]) || text[position] == UInt8(ascii: "-") { position += 1 }
            guard position > start else { return labels >= 2 }
            labels += 1
            guard position < text.count, text[position] == UInt8(ascii: ".") else { return labels >= 2 }
            position += 1
        }
    }

    /// Whether the bytes behind a plus sign are a Dutch number: 31 and nine digits, with or without `(0)`.
    private static func isInternationalPhone(_ text: UnsafeRawBufferPointer, from start: Int) -> Bool {
        guard start + 2 <= text.count, text[start] == 0x33, text[start + 1] == 0x31 else { return false }
        var position = start + 2
        var digits = 0
        while position < text.count {
            let byte = text[position]
            if isDigit(byte) {
                if digits > 0 || byte != 0x30 { digits += 1 }
            } else if !isSeparator(byte), byte != UInt8(ascii: "("), byte != UInt8(ascii: ")") {
                break
            }
            position += 1
            if digits == 9 { break }
        }
        return digits == 9 && (position == text.count || !isDigit(text[position]))
    }

    /// Whether an IBAN begins at a country code: its country's length, and remainder 1 modulo 97.
    private static func isIBAN(_ text: UnsafeRawBufferPointer, from start: Int) -> Bool {
        let country = (upper(text[start]), upper(text[start + 1]))
        guard let length = length(ofIBANFrom: country) else { return false }
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 34) { characters in
            var count = 0
            var position = start
            while position < text.count, count < length {
                let byte = text[position]
                if isDigit(byte) || isLetter(byte) {
                    characters[count] = upper(byte)
                    count += 1
                } else if byte != UInt8(ascii: " ") && byte != UInt8(ascii: "-") && byte != UInt8(ascii: ".") {
                    return false
                }
                position += 1
            }
            guard count == length, position == text.count || !isWord(text[position]) else { return false }
            var remainder = 0
            for index in 0..<length {
                let byte = characters[index + 4 < length ? index + 4 : index + 4 - length]
                remainder =
                    isDigit(byte)
                    ? (remainder * 10 + Int(byte - 0x30)) % 97 : (remainder * 100 + Int(byte - 0x41) + 10) % 97
            }
            return remainder == 1
        }
    }

    /// The length of an IBAN of that country; nil for a country that gives none, or none that reaches us.
    ///
    /// Source: IBAN registry (ISO 13616), the countries of SEPA.
    private static func length(ofIBANFrom country: (UInt8, UInt8)) -> Int? {
        switch UInt16(country.0) << 8 | UInt16(country.1) {
        case 0x4E4F: 15  // NO
        case 0x4245: 16  // BE
        case 0x444B, 0x4649, 0x4E4C: 18  // DK FI NL
        case 0x5349: 19  // SI
        case 0x4154, 0x4545, 0x4C54, 0x4C55: 20  // AT EE LT LU
        case 0x4348, 0x4852, 0x4C49, 0x4C56: 21  // CH HR LI LV
        case 0x4247, 0x4445, 0x4742, 0x4745, 0x4945, 0x4D45, 0x5253: 22  // BG DE GB GE IE ME RS
        case 0x4749: 23  // GI
        case 0x4144, 0x435A, 0x4553, 0x4D44, 0x5345, 0x534B, 0x524F: 24  // AD CZ ES MD SE SK RO
        case 0x5054: 25  // PT
        case 0x4953, 0x5452: 26  // IS TR
        case 0x4652, 0x4752, 0x4954, 0x4D43, 0x534D: 27  // FR GR IT MC SM
        case 0x414C, 0x4359, 0x4855, 0x504C: 28  // AL CY HU PL
        case 0x5541: 29  // UA
        case 0x4D54: 31  // MT
        default: nil
        }
    }

    /// Whether the byte lies within something random that only looks like a number: a UUID, or a long word of
    /// hexadecimal digits with letters among them, such as a digest or a trace id.
    private static func isInsideRandomness(_ text: UnsafeRawBufferPointer, at index: Int) -> Bool {
        var start = index
        while start > 0, index - start < 128, isHex(text[start - 1]) { start -= 1 }
        var end = index
        var hasLetter = false
        while end < text.count, end - index < 128, isHex(text[end]) { end += 1 }
        for position in start..<end where isLetter(text[position]) { hasLetter = true }
        if hasLetter, end - start >= 16, start == 0 || !isWord(text[start - 1]), end == text.count || !isWord(text[end])
        {
            return true
        }
        for start in max(0, index - 35)...index where isUUID(text, at: start) { return true }
        return false
    }

    /// Whether a UUID in its usual form, 8-4-4-4-12, stands alone there.
    private static func isUUID(_ text: UnsafeRawBufferPointer, at start: Int) -> Bool {
        guard start + 36 <= text.count, start + 36 == text.count || !isWord(text[start + 36]),
            start == 0 || !isWord(text[start - 1])
        else { return false }
        for offset in 0..<36 {
            let byte = text[start + offset]
            switch offset {
            case 8, 13, 18, 23: guard byte == UInt8(ascii: "-") else { return false }
            default: guard isHex(byte) else { return false }
            }
        }
        return true
    }

    /// Whether eight digits are a day of this or the neighbouring centuries, as `YYYYMMDD`.
    private static func isCompactDate(_ text: UnsafeRawBufferPointer, at start: Int) -> Bool {
        func number(_ offset: Int, _ count: Int) -> Int {
            (start + offset..<start + offset + count).reduce(0) { $0 * 10 + Int(text[$1] - 0x30) }
        }
        let year = number(0, 4)
        return (1900...2199).contains(year)
            && CalendarDate(year: year, month: number(4, 2), day: number(6, 2)) != nil
    }

    /// Whether the digits follow `:SS.`, as in a moment with nanoseconds.
    private static func isFractionOfSecond(_ text: UnsafeRawBufferPointer, at start: Int) -> Bool {
        start >= 4 && text[start - 1] == UInt8(ascii: ".") && isDigit(text[start - 2]) && isDigit(text[start - 3])
            && text[start - 4] == UInt8(ascii: ":")
    }

    private static func isCountryPrefix(_ text: UnsafeRawBufferPointer, at start: Int) -> Bool {
        start + 4 <= text.count && text[start] == 0x30 && text[start + 1] == 0x30 && text[start + 2] == 0x33
            && text[start + 3] == 0x31
    }

    private static func passesElfproef(_ text: UnsafeRawBufferPointer, from start: Int, count: Int) -> Bool {
        var number: UInt64 = 0
        for index in start..<start + count { number = number * 10 + UInt64(text[index] - 0x30) }
        return passesElfproef(number)
    }

    /// Whether a number of at most nine digits passes; see `Elfproef`, which this repeats without making bytes of it.
    private static func passesElfproef(_ number: UInt64) -> Bool {
        guard number != 0 else { return false }
        var rest = Int(number)
        var sum = -(rest % 10)
        for weight in 2...9 {
            rest /= 10
            sum += rest % 10 * weight
        }
        return sum % 11 == 0
    }

    @inline(__always) private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
    @inline(__always) private static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }
    @inline(__always) private static func isHex(_ byte: UInt8) -> Bool { isDigit(byte) || (byte | 0x20) &- 0x61 < 6 }
    /// A letter or digit of any script.
    @inline(__always) private static func isWord(_ byte: UInt8) -> Bool {
        isDigit(byte) || isLetter(byte) || byte >= 0x80
    }
    @inline(__always) private static func isSeparator(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
    }
    @inline(__always) private static func upper(_ byte: UInt8) -> UInt8 { byte &- 0x61 < 26 ? byte & 0xDF : byte }
    private static func isLocalPart(_ byte: UInt8) -> Bool {
        isWord(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
            || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "%") || byte == UInt8(ascii: "\"")
    }
}
