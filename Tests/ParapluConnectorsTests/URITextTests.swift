import Testing

@testable import ParapluConnectors

@Suite struct URITextTests {
    @Test(
        "a URI is told by its grammar",
        arguments: [
            // (text, is a reference, is absolute)
            ("urn:nld:oin:00000099000000101000:systeem:x", true, true), ("https://a.nl", true, true),
            ("https://a.nl:8443/b;c/d?e=/f?g", true, true), ("https://u:p@[2001:db8::1]:1/", true, true),
            ("https://a.nl/#deel", true, false), ("mailto:x", true, true), ("x+y-z.1:", true, true),
            ("//a.nl/b", true, false), ("/b", true, false), ("b/c:d", true, false), ("?q", true, false),
            ("", true, false), ("./b:c", true, false), ("%C3%A9", true, false), ("file:///etc", true, true),
            ("b:c d", false, false), ("1b:c", false, false), ("a b", false, false), ("é", false, false),
            ("a%2", false, false), ("a%zz", false, false), ("https://a.nl:8x/", false, false),
            ("https://[::1/", false, false), ("https://a[b]/", false, false), ("a#b#c", false, false),
            ("<a>", false, false), ("a\\b", false, false), ("https://[]/", false, false),
        ])
    func grammar(text: String, isReference: Bool, isAbsolute: Bool) {
        let bytes = Array(text.utf8)

        #expect(bytes.withUnsafeBytes { URIText.isReference($0) } == isReference)
        #expect(bytes.withUnsafeBytes { URIText.isAbsolute($0) } == isAbsolute)
    }
}
