import JSON
import Testing

/// The JSON of `text`, in a document of its own.
func json(_ text: String, limits: JSONLimits = JSONLimits()) throws -> JSONNode {
    try JSONParser.document(of: Array(text.utf8), limits: limits).root
}

@Suite("JSON") struct JSONTests {
    @Test("members, elements and offsets come out as they were written")
    func walk() throws {
        let root = try json(#" {"a": [1, "two", {"b": null}], "c": true, "d": false, "e": {}} "#)
        let array = try #require(root["a"])
        let elements = Array(array.elements)

        #expect(root.kind == .object && root.count == 4 && root.offset == 1)
        #expect(root.members.map(\.name) == ["a", "c", "d", "e"])
        #expect(root.members.map(\.nameNode.offset) == [2, 32, 43, 55])
        #expect(array.count == 3 && array.offset == 7)
        #expect(elements.map(\.kind) == [.number, .string, .object])
        #expect(elements.map(\.offset) == [8, 11, 18])
        #expect(elements[1].string == "two")
        #expect(elements[2]["b"]?.isNull == true)
        #expect(root["c"]?.bool == true && root["d"]?.bool == false)
        #expect(root["e"]?.count == 0 && root["e"]?.members.first { _ in true } == nil)
        #expect(root["z"] == nil && array["a"] == nil)
        #expect(root[name: "a"]?.offset == 7 && root[utf8: [0x61]]?.offset == 7)
    }

    @Test("a scalar may be the root", arguments: ["1", "\"x\"", "true", "null", " -0 ", "[]", "{}"])
    func scalars(text: String) throws {
        #expect(throws: Never.self) { try json(text) }
    }

    @Test("strings are unescaped")
    func strings() throws {
        let root = try json(#"["","a\"\\\/\b\f\n\r\tz","\u00e9\u20AC\uD83D\ude00","é€😀","\u0001x"]"#)

        let expected = ["", "a\"\\/\u{8}\u{c}\n\r\tz", "é€😀", "é€😀", "\u{1}x"]
        #expect(root.elements.map(\.string) == expected)
        #expect(root.elements.map { $0.utf8?.count } == expected.map(\.utf8.count))
    }

    @Test("a name is found whether it was written with escapes or not")
    func escapedNames() throws {
        let root = try json(#"{"\u0061b": 1, "": 2}"#)

        #expect(root["ab"]?.int64 == 1)
        #expect(root[""]?.int64 == 2)
    }

    @Test(
        "numbers stay exact",
        arguments: [
            ("0", 0), ("-0", 0), ("7", 7), ("9007199254740993", 9_007_199_254_740_993),
            ("9223372036854775807", Int64.max), ("-9223372036854775808", Int64.min),
            ("9223372036854775808", nil), ("-9223372036854775809", nil), ("99999999999999999999", nil),
            ("18446744073709551616", nil), ("1.0", nil), ("1e2", nil), ("1e400", nil), ("-1.5E-3", nil),
            ("1e131072", nil), ("0.30000000000000004", nil),
        ] as [(String, Int64?)])
    func numbers(text: String, expected: Int64?) throws {
        for written in [text, "[\(text)]", "[\(text) ,1]"] {
            let root = try json(written)
            let number = root.kind == .array ? try #require(root.elements.first { _ in true }) : root

            #expect(number.int64 == expected)
            #expect(number.rawNumber.map { String(decoding: $0, as: UTF8.self) } == text)
        }
    }

    @Test("a text inside a larger buffer is read where it is")
    func padded() throws {
        let text = Array(#"{"a":"b"}"#.utf8)
        let buffer = text + [UInt8](repeating: UInt8(ascii: "\""), count: JSONParser.paddingBytes)
        let parser = JSONParser()

        try buffer.withUnsafeBytes { raw in
            let root = try parser.parse(UnsafeRawBufferPointer(rebasing: raw[..<text.count]), padded: true).root
            let value = try #require(root["a"]?.utf8)

            #expect(value.elementsEqual("b".utf8))
            #expect(value.baseAddress == raw.baseAddress.map { $0 + 6 })
        }
    }

    @Test("a parser takes text after text, also behind one that failed")
    func reuse() throws {
        let parser = JSONParser()
        for round in 0..<2_000 {
            let long = String(repeating: "x", count: round * 7 % 5_000)
            #expect(try parser.parse(Array("{\"n\":\(round),\"s\":\"\(long)\"}".utf8)).root["n"]?.int64 == Int64(round))
            #expect(throws: JSONError.duplicateMember(offset: 7)) {
                try parser.parse(Array(#"{"n":1,"n":2}"#.utf8))
            }
        }
    }
}

@Suite("JSON writer") struct JSONWriterTests {
    @Test("what is written is what was meant")
    func writes() throws {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("a")
        writer.beginArray()
        writer.integer(Int64.min)
        writer.integer(0)
        writer.bool(true)
        writer.null()
        writer.string("q\"b\\\n\u{1}\u{1f}é")
        writer.beginObject()
        writer.endObject()
        writer.endArray()
        writer.member(name: "b\t")
        writer.raw("1.50")
        writer.endObject()

        let expected = #"{"a":[-9223372036854775808,0,true,null,"q\"b\\\n\u0001\u001fé",{}],"b\t":1.50}"#
        #expect(String(decoding: writer.bytes, as: UTF8.self) == expected)

        let root = try JSONParser.document(of: writer.bytes).root
        #expect(root[name: "b\t"]?.rawNumber.map { String(decoding: $0, as: UTF8.self) } == "1.50")

        writer.removeAll()
        writer.integer(42)
        #expect(writer.bytes == Array("42".utf8))
    }
}
