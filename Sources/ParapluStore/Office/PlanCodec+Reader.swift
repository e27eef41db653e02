import JSON
import ParapluModel

/// Reads the members of one object.
struct PlanReader {
    private let node: JSONNode

    init(_ node: JSONNode) { self.node = node }

    func text(_ name: StaticString) -> String? { node[name]?.string }
    func number(_ name: StaticString) -> Int? { node[name]?.int64.map { Int($0) } }
    func flag(_ name: StaticString) -> Bool? { node[name]?.bool }
    func date(_ name: StaticString) -> CalendarDate? { text(name).flatMap { CalendarDate($0) } }

    func texts(_ name: StaticString) -> [String]? { node[name].map { $0.elements.compactMap(\.string) } }

    /// A code of a closed list.
    func code<Code: RawRepresentable<String>>(_ name: StaticString) -> Code? {
        text(name).flatMap { Code(rawValue: $0) }
    }

    func organisation(_ name: StaticString) -> OrganisationID? { text(name).map(OrganisationID.init(unchecked:)) }
    func document(_ name: StaticString) -> DocumentNumber? { text(name).map(DocumentNumber.init(unchecked:)) }

    /// Every element read, none where the member is absent, or nil where one can't be read.
    func listOrEmpty<Element>(_ name: StaticString, _ read: (PlanReader) -> Element?) -> [Element]? {
        node[name] == nil ? [] : list(name, read)
    }

    /// Every element read, or nil where one can't be.
    func list<Element>(_ name: StaticString, _ read: (PlanReader) -> Element?) -> [Element]? {
        guard let list = node[name], list.kind == .array else { return nil }
        var elements: [Element] = []
        elements.reserveCapacity(list.count)
        for node in list.elements {
            guard let element = read(PlanReader(node)) else { return nil }
            elements.append(element)
        }
        return elements
    }
}
