import CSV
import Testing

@Suite("CSV") struct CSVTests {
    /// The rows, or the error.
    private func rows(
        _ bytes: [UInt8], separator: UInt8 = UInt8(ascii: ","), fieldsMax: Int = 8
    ) -> Result<[[String]], CSVError> {
        bytes.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) -> Result<[[String]], CSVError> in
            let reader = CSVReader(bytes, separator: separator, fieldsMax: fieldsMax)
            var rows: [[String]] = []
            do throws(CSVError) {
                while try reader.next() {
                    rows.append((0..<reader.fieldCount).map { String(decoding: reader.field($0), as: UTF8.self) })
                }
                return .success(rows)
            } catch {
                return .failure(error)
            }
        }
    }

    @Test(
        "rows are fields between separators",
        arguments: [
            ("", []), ("a", [["a"]]), ("a,b\n", [["a", "b"]]), ("a,b\r\nc,d\r\n", [["a", "b"], ["c", "d"]]),
            ("a,b\nc,d", [["a", "b"], ["c", "d"]]), (",\n", [["", ""]]), (",", [["", ""]]),
            (" a , b\t\n", [[" a ", " b\t"]]), ("\"a\",\"\"\n", [["a", ""]]), ("\"a,b\",c\n", [["a,b", "c"]]),
            ("\"a\"\"b\"\n", [["a\"b"]]), ("\"\"\"\"\n", [["\""]]),
            ("\"a\r\nb\nc\rd\",e\r\n", [["a\r\nb\nc\rd", "e"]]),
            ("\"\n\"", [["\n"]]), ("a\n\n\r\n", [["a"]]), ("\r\n", []), ("\n\n", []), ("a\u{0}b\n", [["a\u{0}b"]]),
            ("é,€\n", [["é", "€"]]), ("\"a\"", [["a"]]), ("' ,\\\n", [["' ", "\\"]]),
        ] as [(String, [[String]])])
    func fields(text: String, expected: [[String]]) {
        #expect(rows(Array(text.utf8)) == .success(expected))
    }

    @Test(
        "what is ambiguous is refused with its place",
        arguments: [
            ("a\"b\n", .malformed(offset: 1)), ("a,b \"c\"\n", .malformed(offset: 4)),
            ("\"a\"b\n", .malformed(offset: 3)), ("\"a\" ,b\n", .malformed(offset: 3)),
            ("a\n\"b\nc", .truncated(offset: 6)), ("\"", .truncated(offset: 1)), ("\"\"\"", .truncated(offset: 3)),
            ("x\na\rb\n", .malformed(offset: 2)), ("a\r", .malformed(offset: 2)), ("a\r\r\nb", .malformed(offset: 0)),
            ("\r", .malformed(offset: 1)), ("a\n\nb\n", .malformed(offset: 2)), ("\na\n", .malformed(offset: 0)),
            ("a\n,,,,,,,,,\n", .tooManyFields(offset: 2)),
        ] as [(String, CSVError)])
    func refusals(text: String, error: CSVError) {
        #expect(rows(Array(text.utf8)) == .failure(error))
    }

    @Test("the separator is the caller's", arguments: [";", "\t", "|"])
    func separators(separator: String) {
        let text = "a,b\(separator)\"c\(separator)d\"\n"

        #expect(
            rows(Array(text.utf8), separator: Array(separator.utf8)[0]) == .success([["a,b", "c\(separator)d"]]))
    }

    @Test("bytes above ASCII come through as they are")
    func highBytes() {
        let bytes: [UInt8] = [0x80, 0x2C, 0xFF, 0xA0, 0x0A]
        bytes.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) in
            let reader = CSVReader(bytes)
            let hasRow = (try? reader.next()) ?? false
            #expect(hasRow && Array(reader.field(0)) == [0x80] && Array(reader.field(1)) == [0xFF, 0xA0])
        }
    }

    @Test("a field of 16 MiB, and as many separators, are read or refused in little time")
    func huge() {
        let field = [UInt8](repeating: UInt8(ascii: "x"), count: 16 << 20)
        let quoted = [0x22] + [UInt8](repeating: 0x0A, count: 1 << 20) + [0x22]
        let separators = [UInt8](repeating: UInt8(ascii: ","), count: 16 << 20)

        #expect((try? rows(field).get().first?.first?.utf8.count) == 16 << 20)
        #expect((try? rows(quoted).get().first?.first?.utf8.count) == 1 << 20)
        #expect(rows(separators) == .failure(.tooManyFields(offset: 0)))
    }
}
