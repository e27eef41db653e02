import Foundation
import Testing
import XML

@Suite("XML") struct XMLTests {
    /// What a text gave: the nodes in a short form, what was lent aside, or the error.
    private struct Received {
        var nodes: [String] = []
        var aside: [String] = []
        var error: XMLError?
    }

    private func parse(_ text: String, _ limits: XMLLimits = XMLLimits()) -> Received {
        parse(bytes: Array(text.utf8), limits)
    }

    private func parse(bytes: [UInt8], _ limits: XMLLimits = XMLLimits()) -> Received {
        bytes.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) -> Received in
            var received = Received()
            var aside: [String] = []
            do throws(XMLError) {
                let document = try XMLDocument.parse(bytes, limits: limits) { (text: UnsafeRawBufferPointer) in
                    aside.append(String(decoding: text, as: UTF8.self))
                }
                received.nodes = document.nodes.map { node in
                    let namespace = node.namespace.map { "{\(string(document.namespaces[$0]))}" } ?? ""
                    let name = namespace + string(document.bytes[node.name])
                    let text = string(document.bytes[node.text])
                    switch node.kind {
                    case .element: return "\(name)<\(node.end)"
                    case .attribute: return "@\(name)=\(text)"
                    case .text: return "“\(text)”"
                    }
                }
            } catch {
                received.error = error
            }
            received.aside = aside
            return received
        }
    }

    private func string(_ bytes: some Sequence<UInt8>) -> String { String(decoding: Array(bytes), as: UTF8.self) }

    @Test(
        "nodes come in order, names with their namespaces",
        arguments: [
            ("<a/>", ["a<1"]), ("<a> x </a>", ["a<2", "“ x ”"]), ("<a b='1' c=\"2\"/>", ["a<3", "@b=1", "@c=2"]),
            ("<a>1<b>2</b>3</a>", ["a<5", "“1”", "b<4", "“2”", "“3”"]),
            ("<a xmlns='urn:x' b='1'/>", ["{urn:x}a<2", "@b=1"]),
            ("<p:a xmlns:p='urn:x' p:b='1'><c/></p:a>", ["{urn:x}a<3", "@{urn:x}b=1", "c<3"]),
            ("<a xml:lang='nl'/>", ["a<2", "@{http://www.w3.org/XML/1998/namespace}lang=nl"]),
            ("<a>x<!-- c -->y<![CDATA[<z>]]>&lt;&#233;&#x20AC;</a>", ["a<2", "“xy<z><é€”"]),
            ("<?xml version='1.0' encoding='UTF-8'?>\n<a>é</a>\n", ["a<2", "“é”"]),
            ("\u{FEFF}<a>é</a>", ["a<2", "“é”"]),
            ("<a b='x\n\ty &#10;'>\r\n</a>", ["a<3", "@b=x  y \n", "“\n”"]),
            ("<a b='&quot;&apos;&amp;&gt;'/>", ["a<2", "@b=\"'&>"]),
            ("<a b='&amp;#38;&#38;amp;&amp;' c='x&amp;y'/>", ["a<3", "@b=&#38;&amp;&", "@c=x&y"]),
        ])
    func nodes(text: String, expected: [String]) {
        let received = parse(text)

        #expect(received.error == nil)
        #expect(received.nodes == expected)
    }

    @Test("comments and namespaces are lent aside; of a refused text, also what was read")
    func aside() {
        #expect(parse("<!--1--><a xmlns:p='urn:x'><!--2--></a><!--3-->").aside == ["1", "p", "urn:x", "2", "3"])
        #expect(parse("<a>12&#51;<b></a>").aside == ["ab123"] || parse("<a>12&#51;<b></a>").aside == ["a123b"])
    }

    @Test(
        "encodings that hold ASCII are taken",
        arguments: [
            ("UTF-8", [0xC3, 0xA9, 0xE2, 0x82, 0xAC], "é€"), ("utf-8", [0xC3, 0xA9], "é"), ("US-ASCII", [0x65], "e"),
            ("ISO-8859-1", [0xE9], "é"), ("iso-8859-15", [0xE9, 0xA4], "é€"), ("windows-1252", [0xE9, 0x80], "é€"),
        ] as [(String, [UInt8], String)])
    func encodings(name: String, bytes: [UInt8], text: String) {
        let document = Array("<?xml version=\"1.0\" encoding=\"\(name)\"?><a>".utf8) + bytes + Array("</a>".utf8)

        #expect(parse(bytes: document).nodes.last == "“\(text)”")
    }

    @Test(
        "other encodings, and bytes that are not in the one declared, are refused",
        arguments: [
            // (declared, bytes of the content)
            ("UTF-16", []), ("UTF-16LE", []), ("UTF-32", []), ("UTF-7", []), ("IBM037", []), ("EBCDIC-NL", []),
            ("UCS-4", []),
            ("ISO-2022-JP", []), ("bestaat-niet", []), ("UTF-8", [0xE9]), ("UTF-8", [0xC0, 0xAF]),
            ("UTF-8", [0xED, 0xA0, 0x80]), ("US-ASCII", [0xE9]), ("windows-1252", [0x81]),
            ("UTF-8", [0xF8, 0x88, 0x80, 0x80, 0x80]),
        ] as [(String, [UInt8])])
    func otherEncodings(name: String, bytes: [UInt8]) {
        let document = Array("<?xml version=\"1.0\" encoding=\"\(name)\"?><a>".utf8) + bytes + Array("</a>".utf8)

        guard case .invalidEncoding? = parse(bytes: document).error else {
            Issue.record("\(name) \(bytes): \(String(describing: parse(bytes: document)))")
            return
        }
    }

    @Test("UTF-16 and UTF-32 are refused, with mark and without, whatever they declare")
    func wide() {
        let text = "<?xml version=\"1.0\"?><a>bsn</a>"
        let little = text.utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
        let big = text.utf16.flatMap { [UInt8(truncatingIfNeeded: $0 >> 8), UInt8(truncatingIfNeeded: $0)] }
        let wide = text.utf8.flatMap { (byte: UInt8) -> [UInt8] in [0, 0, 0, byte] }
        let texts: [[UInt8]] = [
            little, big, [0xFF, 0xFE] + little, [0xFE, 0xFF] + big, wide, [0, 0, 0xFE, 0xFF] + wide,
        ]

        for bytes in texts {
            guard case .invalidEncoding? = parse(bytes: bytes).error else {
                Issue.record("\(bytes.prefix(8))")
                continue
            }
        }
    }

    @Test("a document type is refused where it stands, so that no entity is declared, expanded or fetched")
    func documentTypes() {
        let laughs =
            "<!DOCTYPE l [<!ENTITY a 'ha'>"
            + (0..<10).map {
                "<!ENTITY \(["b", "c", "d", "e", "f", "g", "h", "i", "j", "k"][$0]) '&a;&a;&a;&a;&a;&a;&a;&a;'>"
            }.joined()
            + "]><l>&k;</l>"
        for text in [
            laughs, "<!DOCTYPE a><a/>", "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>",
            "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>",
            "<!DOCTYPE a [<!ENTITY % x SYSTEM 'http://example.nl/x'> %x;]><a/>",
        ] {
            let received = parse(text)
            guard case .documentType? = received.error else {
                Issue.record("\(String(describing: received.error))")
                continue
            }
        }
        #expect(parse("<a>&x;</a>").error == .malformed(offset: 6))
    }

    @Test(
        "what is not well-formed is refused near its place",
        arguments: [
            ("", .truncated(offset: 0)), ("<a>", .truncated(offset: 3)), ("<a", .truncated(offset: 2)),
            ("   ", .truncated(offset: 3)), ("<a></b>", nil), ("<a><b></a></b>", nil), ("<a/><b/>", nil),
            ("<a/>x", nil),
            ("x", nil), ("<a b='1' b='2'/>", nil), ("<a b=1/>", nil), ("<a b='<'/>", nil), ("<p:a/>", nil),
            ("<a p:b=''/>", nil),
            ("<a xmlns:p='urn:x' xmlns:q='urn:x' p:b='' q:b=''/>", nil), ("<a>&#0;</a>", nil), ("<a>&#xFFFE;</a>", nil),
            ("<a>\u{0}</a>", nil), ("<a>\u{8}</a>", nil), ("<a>]]></a>", nil), ("<a><!-- -- --></a>", nil),
            ("<a>&lt</a>", nil),
            ("<a:b:c xmlns:a='urn:x'/>", nil), ("<1/>", nil),
        ] as [(String, XMLError?)])
    func malformed(text: String, error: XMLError?) {
        let received = parse(text)

        if let error { #expect(received.error == error) } else { #expect(received.error != nil) }
    }

    @Test("processing instructions are refused, but for the declaration")
    func instructions() {
        for text in ["<?xml-stylesheet href='x'?><a/>", "<a><?php x?></a>", "<a/><?x?>"] {
            guard case .processingInstruction? = parse(text).error else {
                Issue.record("\(text)")
                continue
            }
        }
    }

    @Test("bytes, depth, nodes and attributes are bounded before memory is taken for them")
    func limits() {
        let deep = String(repeating: "<a>", count: 100_000)
        let many = "<a " + (0..<1_000_000).map { "b\($0)=''" }.joined(separator: " ") + "/>"
        let wide = "<a>" + String(repeating: "<b/>", count: 10_000) + "</a>"

        #expect(parse("<a><b><c/></b></a>", XMLLimits(depthMax: 2)).error == .tooDeep(offset: 8))
        #expect(parse("<a><b/></a>", XMLLimits(depthMax: 2)).error == nil)
        guard case .tooDeep? = parse(deep).error else {
            Issue.record("deep")
            return
        }
        #expect(parse(many, XMLLimits(bytesMax: 32 << 20, nodesMax: 1 << 26)).error == .tooManyNodes(offset: 0))
        #expect(parse("<a/>", XMLLimits(bytesMax: 3)).error == .tooLarge(bytes: 4))
        guard case .tooManyNodes? = parse(wide).error else {
            Issue.record("wide")
            return
        }
        #expect(parse("<a b='' c=''><d/></a>", XMLLimits(nodesMax: 4)).error == nil)
        #expect(parse("<a b='' c=''><d/></a>", XMLLimits(nodesMax: 3)).error != nil)
    }

    @Test("attributes are counted whatever surrounds them, and text with quotes is not")
    func attributes() {
        let tag = "<b " + (0..<129).map { "c\($0)='>'" }.joined(separator: " ") + "/>"
        let text = "<a>" + String(repeating: "b=\"1\" ", count: 1_000) + "</a>"

        for before in ["", "<![CDATA[<x ' ]]>", "<!-- <x \" -->", "it's"] {
            guard case .tooManyNodes? = parse("<a>\(before)\(tag)</a>").error else {
                Issue.record("\(before)")
                continue
            }
        }
        #expect(parse(text).error == nil)
        #expect(parse("<a " + (0..<128).map { "c\($0)=''" }.joined(separator: " ") + "/>").error == nil)
    }

    @Test("namespaces are bounded where they are in force, not in a text")
    func namespaces() {
        func tag(_ first: Int) -> String {
            "<b " + (first..<(first + 100)).map { "xmlns:n\($0)='urn:\($0)'" }.joined(separator: " ") + ">"
        }
        let nested = tag(0) + tag(100) + tag(200) + "</b></b></b>"
        let beside = "<a>" + (0..<20).map { tag($0) + "</b>" }.joined() + "</a>"

        guard case .tooManyNodes? = parse(nested).error else {
            Issue.record("nested")
            return
        }
        #expect(parse(beside).error == nil)
    }

    @Test("a fault ends the reading: what comes behind it costs nothing")
    func ends() {
        let tags = (0..<250).map { level in
            "<b " + (0..<120).map { "xmlns:n\(level)-\($0)='urn:\($0)'" }.joined(separator: " ") + ">"
        }
        let bomb = tags.joined() + String(repeating: "<n0-0:c/>", count: 200_000)

        for fault in [
            "<a b=1>", "<a>]]>", "<a><!-- -- -->", "<p:a>", "<a>&x;", "<a b='<'>", "<a></b>", "<a b='' b=''>",
        ] {
            let start = clock(of: CLOCK_THREAD_CPUTIME_ID)
            let received = parse(fault + bomb, XMLLimits(bytesMax: 16 << 20, depthMax: 64, nodesMax: 1 << 26))
            #expect(received.error != nil)
            #expect(clock(of: CLOCK_THREAD_CPUTIME_ID) - start < 2, "\(fault)")
        }
    }

    /// Seconds of CPU, so that a busy machine is no finding.
    private func clock(of id: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(id, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
