import JSON
import Testing

@Suite("Hostile JSON") struct JSONHostileTests {
    /// A message as it comes, with every kind of value.
    static let example = Array(
        #"""
        {"specversion":"1.0","id":"a\u00e9\n1","dätå":"😀 €","subject":null,"data":{"list":[1,-2.5e+3,true,false,[],{}],
        "text":"x\\\"y","deep":[[[{"k":[0]}]]]},"count":9007199254740993}
        """#.utf8)

    private func error(_ bytes: [UInt8], limits: JSONLimits = JSONLimits()) -> JSONError? {
        do throws(JSONError) {
            _ = try JSONParser.document(of: bytes, limits: limits)
            return nil
        } catch {
            return error
        }
    }

    private func error(_ text: String, limits: JSONLimits = JSONLimits()) -> JSONError? {
        error(Array(text.utf8), limits: limits)
    }

    @Test("a text cut off at any byte is truncated there")
    func truncated() {
        #expect(error(Self.example) == nil)
        for count in 0..<Self.example.count {
            #expect(error(Array(Self.example[..<count])) == .truncated(offset: count))
        }
    }

    @Test(
        "what is not JSON is malformed, at the byte where that shows",
        arguments: [
            ("x", 0), ("nil", 1), ("NaN", 0), ("Infinity", 0), ("-Infinity", 1), ("truex", 4), ("true\"a\"", 4),
            ("01", 1), ("-01", 2), ("+1", 0), (".5", 0), ("1.x", 2), ("1ex", 2), ("0x10", 1), ("1\"a\"", 1),
            ("[1,]", 3), ("[,1]", 1), ("[1 2]", 3), ("{\"a\":1,}", 7), ("{\"a\" 1}", 5), ("{a:1}", 1), ("{1:1}", 1),
            ("{\"a\":}", 5), ("[1}", 2), ("{]", 1), ("]", 0), ("1 2", 2), ("{} {}", 3), ("{}x", 2), ("\"a\"b", 3),
            ("'a'", 0), ("[\"a\tb\"]", 3), ("[\"a\nb\"]", 3), ("[\"\\x\"]", 2), ("[\"\\u12g4\"]", 6), ("[1]//", 3),
            ("\\\"a\"", 0), ("[\"a\" \"b\"]", 5), ("\u{0}", 0), ("1\u{0}", 1), ("{}\u{0}", 2), ("[1\u{b}]", 2),
        ])
    func malformed(text: String, offset: Int) {
        #expect(error(text) == .malformed(offset: offset))
    }

    @Test("an empty body is truncated", arguments: ["", " ", "\n\t "])
    func empty(text: String) {
        #expect(error(text) == .truncated(offset: text.utf8.count))
    }

    @Test("a hundred thousand levels are refused at the limit")
    func deep() {
        for opening in ["[", "{\"a\":", "[{\"a\":"] {
            let text = String(repeating: opening, count: 100_000)
            guard case .tooDeep = error(text) else {
                Issue.record("not refused for its depth")
                continue
            }
        }
        let nested = { (depth: Int) in String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
        #expect(error(nested(32)) == nil)
        #expect(error(nested(33)) == .tooDeep(offset: 32))
        #expect(error(nested(100_000)) == .tooDeep(offset: 32))
    }

    @Test("bytes and nodes are bounded")
    func bounds() {
        #expect(error("[1,2,3]", limits: JSONLimits(bytesMax: 6)) == .tooLarge(bytes: 7))
        #expect(error("[1,2,3]", limits: JSONLimits(nodesMax: 4)) == nil)
        #expect(error("[1,2,3]", limits: JSONLimits(nodesMax: 3)) == .tooManyNodes(offset: 5))
        #expect(error("{\"a\":1}", limits: JSONLimits(nodesMax: 1)) == .tooManyNodes(offset: 1))
        #expect(error("{\"a\":1}", limits: JSONLimits(nodesMax: 2)) == .tooManyNodes(offset: 5))
    }

    @Test(
        "equal names in one object are refused",
        arguments: [
            (#"{"pct":10,"pct":90}"#, 10), (#"{"pct":10,"p\u0063t":90}"#, 10), (#"{"":1,"":2}"#, 6),
            (#"[{"a":{"b":1,"c":{},"b":2}}]"#, 20),
        ])
    func duplicates(text: String, offset: Int) {
        #expect(error(text) == .duplicateMember(offset: offset))
    }

    @Test("equal names in other objects are none of that, and many names are told apart")
    func manyNames() throws {
        #expect(error(#"{"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}]}"#) == nil)
        let members = (0..<4_999).map { "\"member\($0)\":\($0)" }
        let root = try JSONParser.document(of: Array("{\(members.joined(separator: ","))}".utf8)).root
        #expect(root.count == 4_999 && root["member4998"]?.int64 == 4_998)
        let twice = "{\((members.dropLast() + ["\"member17\":0"]).joined(separator: ","))}"
        guard case .duplicateMember = error(twice) else {
            Issue.record("not refused")
            return
        }
    }

    @Test("a byte order mark is refused, and so is UTF-16")
    func byteOrderMark() {
        #expect(error([0xEF, 0xBB, 0xBF] + Array("{}".utf8)) == .invalidEncoding(offset: 0))
        #expect(error([0xFF, 0xFE, 0x7B, 0, 0x7D, 0]) == .invalidEncoding(offset: 0))
    }

    @Test(
        "NUL and halves of surrogate pairs are refused",
        arguments: [
            #"["\u0000"]"#, #"["\uD800"]"#, #"["\uDC00"]"#, #"["\uD800\uD800"]"#, #"["\uD800x"]"#, #"["\uD800\n"]"#,
            #"["\uDE00\uD83D"]"#, #"["\ud800\u0041"]"#,
        ])
    func surrogates(text: String) {
        #expect(error(text) == .invalidEncoding(offset: 2))
    }

    @Test(
        "invalid UTF-8 is refused where it is",
        arguments: [
            [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF0, 0x80, 0x80, 0x80],
            [0xF4, 0x90, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80], [0xFF], [0xE2, 0x82], [0xC3],
        ] as [[UInt8]])
    func invalidUTF8(bytes: [UInt8]) {
        let text = Array("[\"é\\\\".utf8) + bytes + Array("\"]".utf8)
        #expect(error(text) == .invalidEncoding(offset: 6))
        #expect(error(Array("{\"".utf8) + bytes + Array("\":1}".utf8)) == .invalidEncoding(offset: 2))
        #expect(error(Array("[1".utf8) + bytes + Array("]".utf8)) == .invalidEncoding(offset: 2))
    }

    @Test(
        "an unterminated escape is truncated", arguments: [#"["a\"#, #"["a\""#, #"["a\u"#, #"["a\u00"#, #"["\uD83D\u"#])
    func unterminatedEscape(text: String) {
        #expect(error(text) == .truncated(offset: text.utf8.count))
    }

    @Test("two hundred thousand mutations of a message neither crash nor give nodes outside it")
    func mutations() {
        var random = SplitMix(state: 20_250_101)
        let parser = JSONParser(limits: JSONLimits(bytesMax: 4_096, depthMax: 8, nodesMax: 64))
        let alphabet = Array("{}[]\",:\\u0d8e1-+.tfnl \n\u{0}é€".utf8) + [0xFF, 0xC0, 0xED]
        var parsed = 0
        for _ in 0..<200_000 {
            var bytes = Self.example
            for _ in 0...Int(random.next() % 4) {
                let place = Int(random.next() % UInt64(bytes.count))
                let byte = alphabet[Int(random.next() % UInt64(alphabet.count))]
                switch random.next() % 4 {
                case 0: bytes[place] = byte
                case 1: bytes.insert(byte, at: place)
                case 2: bytes.remove(at: place)
                default: bytes[place] ^= UInt8(1 << (random.next() % 8))
                }
            }
            do throws(JSONError) {
                let root = try parser.parse(bytes).root
                parsed += 1
                check(root, within: bytes.count)
            } catch {
                check(error, within: bytes.count)
            }
        }
        #expect(parsed > 1_000 && parsed < 199_000)
    }

    private func check(_ node: JSONNode, within count: Int) {
        if node.offset >= count { Issue.record("an offset behind the text") }
        if let string = node.utf8 {
            if String(validating: string, as: UTF8.self) == nil { Issue.record("a string that is no UTF-8") }
            if string.contains(0) { Issue.record("a string with NUL") }
        }
        for element in node.elements { check(element, within: count) }
        for member in node.members {
            check(member.nameNode, within: count)
            check(member.value, within: count)
            if node[utf8: member.nameUTF8]?.offset != member.value.offset { Issue.record("a member not found again") }
        }
    }

    private func check(_ error: JSONError, within count: Int) {
        switch error {
        case .malformed(let offset), .tooDeep(let offset), .tooManyNodes(let offset), .duplicateMember(let offset),
            .invalidEncoding(let offset):
            if offset >= count { Issue.record("\(error) behind the text") }
        case .truncated(let offset):
            if offset != count { Issue.record("\(error) not at the end") }
        case .tooLarge:
            Issue.record("no text here is that large")
        }
    }
}

/// A small generator with a seed, so that a failure comes back.
///
/// - Source: Steele, Lea, Flood, 2014.
struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
