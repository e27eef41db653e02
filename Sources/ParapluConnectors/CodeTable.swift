internal import ParapluModel
internal import UnicodeText

extension ConnectorPlan {
    /// Codes of a list with what each stands for: an index into the target's cases, or into `texts`.
    ///
    /// Codes are compared in Normalization Form C; where case is ignored, case-folded and without spaces around them.
    struct CodeTable: Sendable {
        struct Entry: Sendable {
            /// The first eight bytes of the code as it is compared, as `ConnectorPlan.head` has them.
            var head: UInt64
            var count: Int
            /// Where its bytes begin in `bytes`.
            var start: Int
            var value: Int
            /// The first day on which it stands for that, and the day behind the last one.
            var from: CalendarDate?
            var until: CalendarDate?

            @inline(__always)
            func isValid(on day: CalendarDate?) -> Bool {
                guard let day else { return true }
                if let from, day < from { return false }
                if let until, day >= until { return false }
                return true
            }
        }
        private(set) var entries: [Entry] = []
        /// The codes' bytes, one behind another.
        private var bytes: [UInt8] = []
        /// The codes as the definition has them, beside `entries`.
        private var codes: [String] = []
        private(set) var name: String
        private let ignoresCase: Bool
        /// What is accepted, for the publisher; at most twenty codes.
        private(set) var expected = "one of: "
        /// Whether what a code stands for depends on the day.
        private var hasDays = false

        init(name: String, ignoresCase: Bool) {
            self.name = name
            self.ignoresCase = ignoresCase
        }

        /// Adds a code; false where it stands for something on one of the days already.
        @discardableResult
        mutating func add(
            _ code: String, value: Int, from: CalendarDate? = nil, until: CalendarDate? = nil
        ) -> Bool {
            let source = Array(code.utf8).withUnsafeBytes { compared($0) }
            let same = source.withUnsafeBytes { source in entries.filter { isCode($0, source) } }
            let overlaps = same.contains { entry in
                (entry.until.map { $0 > from ?? .distantPast } ?? true)
                    && (until.map { $0 > entry.from ?? .distantPast } ?? true)
            }
            if same.isEmpty {
                switch entries.count {
                case 0: expected += code
                case ..<20: expected += ", " + code
                case 20: expected += ", …"
                default: break
                }
            }
            let head = source.withUnsafeBytes { ConnectorPlan.head($0) }
            entries.append(
                Entry(head: head, count: source.count, start: bytes.count, value: value, from: from, until: until))
            bytes += source
            codes.append(code)
            hasDays = hasDays || from != nil || until != nil
            return !overlaps
        }

        /// The value of a code on a day, or nil; without a day, on any.
        func value(of text: UnsafeRawBufferPointer, on day: CalendarDate? = nil) -> Int? {
            if !ignoresCase {
                if let value = find(text, day) { return value }
                if text.allSatisfy({ $0 < 0x80 }) { return nil }
            }
            // Longer than any code: not worth a normal form.
            guard text.count <= 1_024 else { return nil }
            return compared(text).withUnsafeBytes { find($0, day) }
        }

        private func find(_ text: UnsafeRawBufferPointer, _ day: CalendarDate?) -> Int? {
            let head = ConnectorPlan.head(text)
            for index in entries.indices where entries[index].head == head && isCode(entries[index], text) {
                if entries[index].isValid(on: day) { return entries[index].value }
            }
            return nil
        }

        @inline(__always)
        private func isCode(_ entry: Entry, _ text: UnsafeRawBufferPointer) -> Bool {
            guard entry.count == text.count else { return false }
            for index in 0..<text.count where bytes[entry.start + index] != text[index] { return false }
            return true
        }

        /// What is accepted on a day, for the publisher; at most twenty codes.
        func expected(on day: CalendarDate) -> String {
            guard hasDays else { return expected }
            let codes = zip(entries, codes).filter { $0.0.isValid(on: day) }.map { $0.1 }
            return "on \(day) one of: " + codes.prefix(20).joined(separator: ", ") + (codes.count > 20 ? ", …" : "")
        }

        /// The form in which codes are compared.
        private func compared(_ text: UnsafeRawBufferPointer) -> [UInt8] {
            guard ignoresCase else { return UnicodeText.nfc(text) ?? Array(text) }
            var (start, end) = (0, text.count)
            while start < end, CodeTable.isSpace(text[start]) { start += 1 }
            while end > start, CodeTable.isSpace(text[end - 1]) { end -= 1 }
            let trimmed = UnsafeRawBufferPointer(rebasing: text[start..<end])
            if trimmed.allSatisfy({ $0 < 0x80 }) {
                return trimmed.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }
            }
            return UnicodeText.folded(trimmed) ?? Array(trimmed)
        }

        private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) }
    }
}
