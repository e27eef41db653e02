import Testing
import YAML

@Suite("YAML") struct YAMLTests {
    private func error(_ bytes: [UInt8]) -> YAMLError? {
        do throws(YAMLError) {
            _ = try YAMLDocument.parse(bytes, file: "a.yaml")
            return nil
        } catch {
            return error
        }
    }

    @Test("nodes come in order, with line and column")
    func nodes() throws {
        let root = try YAMLDocument.parse(
            """
            # a comment
            name: Paraplu
            list:
              - 1
              - "2"
              - {a: é, b: x}
            empty:
            block: |
              two
              lines
            """, file: "a.yaml")
        let list = try #require(root["list"]?.sequence)
        let b = try #require(list[2]["b"])

        #expect(root.mapping?.map(\.key.text) == ["name", "list", "empty", "block"])
        #expect(root.line == 2 && root.column == 1)
        #expect(root["name"]?.text == "Paraplu" && root["name"]?.line == 2 && root["name"]?.column == 7)
        #expect(list[0].int == 1 && list[1].int == nil && list[1].text == "2")
        #expect(b.line == 6 && b.column == 15)
        #expect(root["empty"]?.isNull == true)
        #expect(root["block"]?.text == "two\nlines")
        #expect(root["none"] == nil && list[0]["a"] == nil)
    }

    @Test("only true and false are booleans", arguments: ["yes", "no", "on", "off", "True", "\"true\"", "y", "1"])
    func booleans(text: String) throws {
        #expect(try YAMLDocument.parse(text, file: "a.yaml").bool == nil)
        #expect(try YAMLDocument.parse("true", file: "a.yaml").bool == true)
        #expect(try YAMLDocument.parse("false", file: "a.yaml").bool == false)
    }

    @Test(
        "integers are decimal digits",
        arguments: ["010", "0x10", "1_000", "+1", "1.0", "1e3", "'1'", "99999999999999999999"])
    func integers(text: String) throws {
        #expect(try YAMLDocument.parse(text, file: "a.yaml").int == nil)
        #expect(try YAMLDocument.parse("-12", file: "a.yaml").int == -12)
    }

    @Test("null is empty, tilde or null, unless quoted")
    func null() throws {
        let root = try YAMLDocument.parse("[~, null, '', 'null', nil]", file: "a.yaml")
        #expect(root.sequence?.map(\.isNull) == [true, true, false, false, false])
    }

    @Test(
        "what surprises is refused, with its place",
        arguments: [
            ("a: &x 1", 1, 4, "anchors are not taken"), ("a: 1\nb: *x", 2, 4, "aliases are not taken"),
            ("a: !!int 1", 1, 4, "tags are not taken"), ("a: !x [1]", 1, 4, "tags are not taken"),
            ("- &x {}", 1, 3, "anchors are not taken"), ("a: ! b", 1, 4, "tags are not taken"),
            ("a: 1\n---\nb: 1", 2, 1, "more than one document"),
            ("a: 1\nb: 2\n'a': 3", 3, 1, "the key is there already"),
            ("? [1]\n: 2", 1, 3, "a key must be a scalar"), ("{{a: 1}: 2}", 1, 2, "a key must be a scalar"),
            ("", 1, 1, "the file holds no document"), ("# only this\n", 2, 1, "the file holds no document"),
            ("%TAG ! tag:x,2000:\n---\na: 1", 1, 1, "tag directives are not taken"),
        ])
    func refused(text: String, line: Int, column: Int, message: String) {
        #expect(
            error(Array(text.utf8)) == YAMLError(file: "a.yaml", line: line, column: column, message: message))
    }

    @Test("what is not YAML is an error, with its place")
    func malformed() {
        #expect(error(Array("a: [1,\nb: }".utf8))?.line == 2)
        #expect(error(Array("a: \"x".utf8))?.line == 1)
        #expect(error(Array("a: 1\n\tb: 2".utf8))?.line == 2)
        #expect(error(Array("a: 1\né".utf8) + [0xFF])?.description.hasPrefix("a.yaml:2:2: ") == true)
        #expect(error(Array("a: 1\n".utf8) + [0x00])?.line == 2)
    }

    @Test("size, depth and nodes are bounded")
    func bounds() throws {
        let deep = { (depth: Int) in
            Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        }
        let wide = { (count: Int) in Array(("- 1\n" as String).utf8).repeated(count) }

        #expect(error(deep(32)) == nil)
        #expect(error(deep(33))?.message == "nested deeper than 32 levels")
        #expect(error(deep(100_000))?.message == "nested deeper than 32 levels")
        #expect(error(wide(49_999)) == nil)
        #expect(error(wide(50_000))?.message == "more than 50000 nodes")
        #expect(error([UInt8](repeating: 0x20, count: (1 << 20) + 1))?.message == "larger than 1048576 bytes")
    }

    @Test("mutations of a file neither crash nor hang")
    func mutations() {
        let example = Array(
            "a: {b: [1, 'x', \"y\\n\"]}\nc:\n  - d: >-\n      text\n    e: é # no\n  - ? f\n    : g\n".utf8)
        let alphabet = Array("{}[]\"'\\:-?&*!|>%@#~ \n\t\u{0}é".utf8) + [0xFF, 0xC0]
        var random = SplitMix(state: 7)
        for _ in 0..<5_000 {
            var bytes = example
            for _ in 0...Int(random.next() % 3) {
                bytes[Int(random.next() % UInt64(bytes.count))] = alphabet[Int(random.next() % UInt64(alphabet.count))]
            }
            if let error = error(bytes), error.line < 1 || error.line > 12 { Issue.record("\(error) outside the file") }
        }
    }
}

extension [UInt8] {
    /// The bytes, `count` times over.
    fileprivate func repeated(_ count: Int) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(self.count * count)
        for _ in 0..<count { result += self }
        return result
    }
}
