/// Why bytes are not the CSV that we take.
///
/// Offsets are in bytes from the start; contents are never held.
package enum CSVError: Error, Equatable, Sendable {
    /// At `offset`: a quote within a field that began without one, something behind a closing quote, or, in the line that
    /// begins there, a carriage return that no line feed follows, or nothing at all before more rows.
    case malformed(offset: Int)

    /// The bytes ended at `offset`, within quotes.
    case truncated(offset: Int)

    /// The row that begins at `offset` has more fields than the reader takes.
    case tooManyFields(offset: Int)
}
