internal import JSON

/// Members of an object, each in one call; what is absent is `null`.
extension JSONWriter {
    mutating func text(_ name: StaticString, _ value: String?) {
        member(name)
        if let value { string(value) } else { null() }
    }

    mutating func number(_ name: StaticString, _ value: (some BinaryInteger)?) {
        member(name)
        if let value { integer(Int64(value)) } else { null() }
    }

    mutating func flag(_ name: StaticString, _ value: Bool) {
        member(name)
        bool(value)
    }

    mutating func texts(_ name: StaticString, _ values: [String]) {
        list(name, values) { value, json in json.string(value) }
    }

    /// A list whose elements are written one by one.
    mutating func list<Element>(
        _ name: StaticString, _ elements: some Sequence<Element>, _ write: (Element, inout JSONWriter) throws -> Void
    ) rethrows {
        member(name)
        beginArray()
        for element in elements { try write(element, &self) }
        endArray()
    }

    /// An object, whose members `write` adds.
    mutating func object(_ name: StaticString? = nil, _ write: (inout JSONWriter) throws -> Void) rethrows {
        if let name { member(name) }
        beginObject()
        try write(&self)
        endObject()
    }

    /// The bytes of one object.
    static func object(_ write: (inout JSONWriter) throws -> Void) rethrows -> [UInt8] {
        var json = JSONWriter()
        try json.object(nil, write)
        return json.bytes
    }
}
