internal import JSON
internal import ParapluConnectors

/// Findings in the form that code hosts and editors read.
///
/// - Source: SARIF 2.1.0 (OASIS Standard, errata 01), sections 3.13 (log), 3.19 (component), 3.27 (result), 3.30 (region).
enum SARIF {
    private static let schema =
        "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

    /// The log of one run: the tool with a rule per code, and a result per finding.
    static func log(of findings: [Finding], version: String) -> [UInt8] {
        JSONWriter.object { json in
            json.text("$schema", schema)
            json.text("version", "2.1.0")
            json.list("runs", [findings]) { findings, json in
                json.object { json in
                    json.object("tool") { json in
                        json.object("driver") { json in
                            json.text("name", "paraplu")
                            json.text("version", version)
                            json.list("rules", FindingCode.allCases) { code, json in
                                json.object { write(rule: code, in: &$0) }
                            }
                        }
                    }
                    // Columns count characters, as findings do; SARIF would take UTF-16 units otherwise.
                    json.text("columnKind", "unicodeCodePoints")
                    json.list("results", findings) { finding, json in
                        json.object { write(result: finding, in: &$0) }
                    }
                }
            }
        }
    }

    private static func write(rule code: FindingCode, in json: inout JSONWriter) {
        json.text("id", code.rawValue)
        json.object("shortDescription") { $0.text("text", code.title) }
        json.object("help") { $0.text("text", code.help) }
        json.object("defaultConfiguration") { $0.text("level", "error") }
    }

    private static func write(result finding: Finding, in json: inout JSONWriter) {
        json.text("ruleId", finding.code.rawValue)
        json.number("ruleIndex", FindingCode.allCases.firstIndex(of: finding.code))
        json.text("level", "error")
        json.object("message") { json in
            json.text("text", finding.message + (finding.hint.isEmpty ? "" : ". Hint: \(finding.hint)"))
        }
        json.list("locations", [finding]) { finding, json in
            json.object { json in
                json.object("physicalLocation") { json in
                    json.object("artifactLocation") { $0.text("uri", uri(finding.file)) }
                    json.object("region") { json in
                        json.number("startLine", max(1, finding.line))
                        json.number("startColumn", max(1, finding.column))
                    }
                }
            }
        }
    }

    /// A path as a URI reference: relative as it is, else `file://`; what RFC 3986 doesn't let stand is escaped.
    static func uri(_ path: String) -> String {
        var text = path.hasPrefix("/") ? "file://" : ""
        for byte in path.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"), UInt8(ascii: "/"):
                text.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                text += "%" + (digits.count == 1 ? "0" : "") + digits
            }
        }
        return text
    }
}
