internal import ParapluModel

/// The rules that a feed's events keep.
package enum EventProfile: String, CaseIterable, Sendable {
    /// CloudEvents 1.0 alone.
    case cloudEvents = "cloudevents"
    /// The NL GOV profile: its MUSTs refuse, its SHOULDs warn.
    case nlGov = "nl-gov"
}

extension MessageDecoder {
    /// Checks what the NL GOV profile asks beyond CloudEvents.
    func checkProfile(prefix: String, bytes: Int) {
        if let type = attributes[EventAttribute.type.index] { checkType(type, prefix + "type") }
        if let source = attributes[EventAttribute.source.index], source.count == connector.sourceURN.count {
            warnings.insert(.sourceSystem)
        }
        if attributes[EventAttribute.time.index] == nil { warnings.insert(.timeMissing) }
        if bytes > 65_536 { warnings.insert(.large) }
    }

    /// A type is in reverse-domain notation: labels of a-z, 0-9 and hyphens, a top-level domain first.
    private func checkType(_ type: UnsafeRawBufferPointer, _ path: String) {
        let labels = type.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let isReversed =
            labels.count >= 3 && labels[0].count >= 2 && labels[0].allSatisfy { $0 >= 0x61 && $0 <= 0x7A }
            && labels.allSatisfy { label in
                !label.isEmpty
                    && label.allSatisfy {
                        ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A) || ($0 >= 0x30 && $0 <= 0x39)
                            || $0 == UInt8(ascii: "-")
                    }
            }
        guard isReversed else {
            note(.envelope, path, expected: "reverse-domain notation, such as nl.mensenhandelplan.acties.gemeld.v1")
            return
        }
        if labels.dropFirst().contains(where: { $0.elementsEqual(connector.partner) }) {
            warnings.insert(.typeOrganisation)
        }
        let digits = labels.last.map { $0.allSatisfy { $0 >= 0x30 && $0 <= 0x39 } } ?? false
        if digits { warnings.insert(.typeVersion) }
    }
}
