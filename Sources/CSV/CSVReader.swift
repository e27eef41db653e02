internal import CLibCSV

/// Reads CSV row by row: fields between separators, quoted where they hold one, a quote doubled or a line break.
///
/// Strict where CSV leaves room: a field is quoted as a whole or not at all, its spaces are its own, rows end with CRLF or
/// LF, and an empty line is nothing but the end. The separator is one ASCII character, so any encoding that ASCII is part
/// of can be read; fields are bytes in that encoding.
///
/// One reader is for one text and one thread. Memory is at most twice the input's, which its caller bounds.
///
/// - Source: RFC 4180; libcsv 3.0.3, `csv.3`.
package final class CSVReader {
    private let input: UnsafeRawBufferPointer
    private let fieldsMax: Int
    // On the heap, since libcsv is given its address.
    private let parser = UnsafeMutablePointer<csv_parser>.allocate(capacity: 1)
    private var position = 0
    private var isFinished = false

    // What the callbacks gather of the row at hand.
    private var bytes: [UInt8] = []
    private var ends: [Int] = []
    private var hasRow = false
    private var hasTooManyFields = false
    /// Whether the last thing was a carriage return that ended a row.
    private var isAfterCarriageReturn = false
    private var hasLoneCarriageReturn = false
    private var hasEmptyLine = false
    private var emptyLineOffset: Int?

    /// Where the row at hand begins, in bytes from the start.
    package private(set) var rowOffset = 0

    /// Begins with the first row.
    ///
    /// - Parameters:
    ///   - input: Stays in place as long as the reader is used.
    ///   - separator: An ASCII character other than quote, carriage return and line feed.
    ///   - fieldsMax: The most fields of one row.
    package init(_ input: UnsafeRawBufferPointer, separator: UInt8 = UInt8(ascii: ","), fieldsMax: Int = 1_024) {
        precondition(separator < 0x80 && ![0x00, 0x0A, 0x0D, 0x22].contains(separator), "a separator separates")
        self.input = input
        self.fieldsMax = fieldsMax
        // Every line break is reported, so that an empty line is no secret.
        let options = UInt8(CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL)
        precondition(csv_init(parser, options) == 0, "libcsv takes its own options")
        csv_set_delim(parser, separator)
        // Else libcsv drops spaces and tabs around a field; RFC 4180, 2.4: they are part of it.
        csv_set_space_func(parser) { (_: UInt8) -> Int32 in 0 }
        // It grows by this each time a field does not fit; the default is 128 bytes.
        csv_set_blk_size(parser, 4_096)
    }

    deinit {
        csv_free(parser)
        parser.deallocate()
    }

    /// The number of fields of the row at hand.
    package var fieldCount: Int { ends.count }

    /// The bytes of a field of the row at hand, without quotes.
    package func field(_ index: Int) -> ArraySlice<UInt8> {
        bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
    }

    /// Goes on to the next row, and returns whether there is one.
    package func next() throws(CSVError) -> Bool {
        bytes.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        hasRow = false
        rowOffset = position
        // A line at a time: libcsv cannot be stopped by its callbacks, and does not say where in its input they are.
        while position < input.count {
            let lineOffset = position
            let line = UnsafeRawBufferPointer(rebasing: input[position...])
            let lineEnd = line.firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? line.count
            let taken = csv_parse(
                parser, line.baseAddress, lineEnd, fieldCallback, rowCallback,
                Unmanaged.passUnretained(self).toOpaque())
            if taken < lineEnd {
                precondition(csv_error(parser) == CSV_EPARSE, "no memory for a field within its text")
                throw .malformed(offset: position + taken)
            }
            position += lineEnd
            if try rowIsComplete(lineOffset: lineOffset) { return true }
        }
        guard !isFinished else { return false }
        isFinished = true
        let status = csv_fini(
            parser, fieldCallback, rowCallback, Unmanaged.passUnretained(self).toOpaque())
        guard status == 0 else { throw .truncated(offset: input.count) }
        if isAfterCarriageReturn { throw .malformed(offset: input.count) }
        return try rowIsComplete(lineOffset: rowOffset)
    }

    private func rowIsComplete(lineOffset: Int) throws(CSVError) -> Bool {
        if hasTooManyFields { throw .tooManyFields(offset: rowOffset) }
        if hasLoneCarriageReturn { throw .malformed(offset: lineOffset) }
        if hasEmptyLine {
            hasEmptyLine = false
            emptyLineOffset = emptyLineOffset ?? lineOffset
        }
        guard hasRow else { return false }
        if let emptyLineOffset { throw .malformed(offset: emptyLineOffset) }
        return true
    }

    fileprivate func take(_ field: UnsafeRawBufferPointer) {
        if isAfterCarriageReturn { hasLoneCarriageReturn = true }
        guard ends.count < fieldsMax else {
            hasTooManyFields = true
            return
        }
        bytes.append(contentsOf: field)
        ends.append(bytes.count)
    }

    /// A row's end, by carriage return, line feed, or -1 for the end of the text.
    fileprivate func endRow(by terminator: Int32) {
        if isAfterCarriageReturn {
            // The other half of CRLF.
            isAfterCarriageReturn = false
            if terminator != CSV_LF { hasLoneCarriageReturn = true }
            return
        }
        isAfterCarriageReturn = terminator == CSV_CR
        if ends.isEmpty { hasEmptyLine = true } else { hasRow = true }
    }
}

/// libcsv's first callback: a field, lent until it returns.
private func fieldCallback(_ start: UnsafeMutableRawPointer?, _ count: Int, _ context: UnsafeMutableRawPointer?) {
    guard let context else { return }
    Unmanaged<CSVReader>.fromOpaque(context).takeUnretainedValue()
        .take(UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count))
}

/// libcsv's second callback: the end of a row.
private func rowCallback(_ terminator: Int32, _ context: UnsafeMutableRawPointer?) {
    guard let context else { return }
    Unmanaged<CSVReader>.fromOpaque(context).takeUnretainedValue().endRow(by: terminator)
}
