internal import ParapluModel

/// A connector's definition, compiled: flat tables that decoding walks without looking at a name twice.
///
/// The declared paths form a tree of shapes. A message's tree is walked once beside it: what the shapes do not know is
/// refused, what a field needs lands in a slot, and the fields then read their slots.
final class ConnectorPlan: Sendable {
    /// A place of the declared document.
    struct Shape: Sendable {
        enum Kind: Sendable {
            /// An object with declared members.
            case object
            /// An array whose elements have a shape and records of their own: a scope.
            case elements(scope: Int)
            /// A value that fields read.
            case leaf(slot: Int)
            /// Known and left out, whatever it holds.
            case ignored
        }

        var kind: Kind
        /// Its members in `members`; at most 64.
        var members: Range<Int>
        /// The declared path, with `*` for an element: what violations name; in `paths`.
        var path: Int
    }

    /// A declared member's name.
    struct Member: Sendable {
        /// The name's first eight bytes, the first one lowest, zeros behind.
        var head: UInt64
        var count: Int
        /// Where all its bytes begin in `names`, for those longer than eight.
        var name: Int
        var shape: Int
    }

    /// The document's root, or the elements of one array.
    struct Scope: Sendable {
        /// The shape of the root or of an element.
        var shape: Int
        /// The slot of the array itself; nil for the root.
        var arraySlot: Int?
        /// The slots of this scope, at most 64.
        var slots: Range<Int>
        /// Its records, in `records`.
        var records: Range<Int>
        /// Its checks, in `fields`.
        var checks: Range<Int>
        /// The slots that are read whatever the records; bit n is slot `slots.lowerBound + n`.
        var generalMask: UInt64
        /// The slots of numbers that are declared as small.
        var numberMask: UInt64 = 0
    }

    /// What the privacy scan makes of the text in a slot.
    enum Scan: Sendable {
        case always
        /// No alarm where it has the declared shape.
        case unlessShape(DeclaredShape)
        /// No alarm where it is a code of the list.
        case unlessCode(list: Int)
    }

    struct Slot: Sendable {
        var shape: Int
        var scan: Scan
        /// Whether every field that reads it takes a number too small for personal data: then it is scanned where it turns
        /// out to be none in its range, or where no field has read it.
        var isSmallNumber = false
        /// Whether it is of the root, not of an array's elements.
        var isInRoot: Bool
        /// Its bit among those of its scope.
        var bit: UInt64
    }

    /// What a field makes of a JSON value or of an attribute's text.
    enum Conversion: Sendable {
        case identifier
        case shape(DeclaredShape)
        case text(lengthMax: Int)
        case codes(list: Int)
        /// Codes that stand for texts of the plan, such as identifiers of actions.
        case textCodes(list: Int)
        case codeSet(list: Int, separator: UInt8?)
        case date(DateForm)
        case moment(MomentForm)
        /// A number in one of the plan's forms.
        case number(Int)
        /// A number in thousandths.
        case figure(Int)
        case reporter
        /// An identifier or a name of the owner.
        case reporterCode(list: Int)
        /// Text as it stands, or a number's digits.
        case piece
    }

    enum Operand: Sendable {
        case slot(Int, ConnectorDefinition.Part?, Conversion)
        case attribute(EventAttribute, ConnectorDefinition.Part?, Conversion)
        case key(ConnectorDefinition.Part?, Conversion)
        case constant(Constant)
        case firstOf(Range<Int>)
        case when(condition: Int, then: Int, otherwise: Int)
        case join(Int)
        case nothing
    }

    /// Several values that make one text together.
    struct Join: Sendable {
        /// The pieces, in `operandLists`.
        var pieces: Range<Int>
        var separator: [UInt8]
        var conversion: Conversion
        /// The declared path of the first piece that has one.
        var path: String
        var isInDocument: Bool
    }

    /// A value that the definition itself gives.
    enum Constant: Sendable {
        /// An entry of the plan's texts.
        case text(Int)
        case code(Int)
        case codeSet(UInt32)
        case date(CalendarDate)
        case moment(Timestamp)
        case integer(Int64)
    }

    /// Whether a value is one of a few texts.
    struct Condition: Sendable {
        enum Subject: Sendable {
            case slot(Int)
            case attribute(EventAttribute)
        }
        var subject: Subject
        var values: [[UInt8]]
    }

    struct Field: Sendable {
        var target: TargetField
        var operand: Int
        var isRequired: Bool
        /// The declared path of its first operand, for `missing_field`; in `paths`.
        var path: Int
        /// Whether the path lies in the document, so that the place of its root goes in front.
        var isInDocument: Bool
    }

    struct Record: Sendable {
        /// The kind, or nil for what is known and gives no record.
        var kind: RecordKind?
        /// Whether the feed may report that kind.
        var isAuthorised = false
        /// In `conditions`.
        var condition: Int?
        /// In `fields`.
        var fields: Range<Int>
        /// The slots that it reads.
        var mask: UInt64
    }

    enum Version: Sendable {
        case none
        case attribute(EventAttribute, accepted: [[UInt8]])
        case slot(Int, accepted: [[UInt8]])
    }

    enum Key: Sendable {
        case none
        case attribute(EventAttribute)
        case slot(Int)
    }

    /// The plan while it grows.
    struct Draft {
        var shapes: [Shape] = []
        var members: [Member] = []
        var names: [UInt8] = []
        var slots: [Slot] = []
        var scopes: [Scope] = []
        var fields: [Field] = []
        var records: [Record] = []
        /// What a message without a value says, in `records`; empty where it says nothing.
        var tombstone = 0..<0
        var operands: [Operand] = []
        var operandLists: [Int] = []
        var numbers: [NumberForm] = []
        var conditions: [Condition] = []
        var joins: [Join] = []
        var codeTables: [CodeTable] = []
        /// Texts that code lists and constants stand for, such as identifiers of actions.
        var texts: [String] = []
        var paths: [String] = []
        var version: Version = .none
        var key: Key = .none
        var eventID: Int?
        var eventSource: Int?
        var eventTime: Int?
        var actions: Set<String>?
        var kinds: Set<RecordKind> = []
    }

    /// The tables that decoding reads: plain memory, so that reading one counts no references.
    ///
    /// They live as long as their plan; whoever holds them holds it, or its connector, too.
    struct Tables: @unchecked Sendable {
        // Unchecked: nothing writes them after they were made.
        let shapes: UnsafeBufferPointer<Shape>
        let members: UnsafeBufferPointer<Member>
        let names: UnsafeBufferPointer<UInt8>
        let slots: UnsafeBufferPointer<Slot>
        let scopes: UnsafeBufferPointer<Scope>
        let fields: UnsafeBufferPointer<Field>
        let records: UnsafeBufferPointer<Record>
        let tombstone: Range<Int>
        let operands: UnsafeBufferPointer<Operand>
        let operandLists: UnsafeBufferPointer<Int>
        let numbers: UnsafeBufferPointer<NumberForm>
        let conditions: UnsafeBufferPointer<Condition>
        let joins: UnsafeBufferPointer<Join>
        let codeTables: UnsafeBufferPointer<CodeTable>
        let texts: UnsafeBufferPointer<String>
        let paths: UnsafeBufferPointer<String>
        let eventID: Int?
        let eventSource: Int?
        let eventTime: Int?
        /// Whether the feed may report figures.
        let reportsFigures: Bool

        /// Tables of nothing, before there is a message.
        static let empty = Tables(Draft(), in: PlanMemory())

        init(_ draft: Draft, in memory: PlanMemory) {
            shapes = memory.table(draft.shapes)
            members = memory.table(draft.members)
            names = memory.table(draft.names)
            slots = memory.table(draft.slots)
            scopes = memory.table(draft.scopes)
            fields = memory.table(draft.fields)
            records = memory.table(draft.records)
            tombstone = draft.tombstone
            operands = memory.table(draft.operands)
            operandLists = memory.table(draft.operandLists)
            numbers = memory.table(draft.numbers)
            conditions = memory.table(draft.conditions)
            joins = memory.table(draft.joins)
            codeTables = memory.table(draft.codeTables)
            texts = memory.table(draft.texts)
            paths = memory.table(draft.paths)
            eventID = draft.eventID
            eventSource = draft.eventSource
            eventTime = draft.eventTime
            reportsFigures = draft.kinds.contains(.indicatorObserved)
        }

        /// The declared path of a field.
        func path(of field: Field) -> String { paths[field.path] }
        /// The declared path of a shape.
        func path(ofShape shape: Int) -> String { paths[shapes[shape].path] }
        /// The declared path of a slot.
        func path(ofSlot slot: Int) -> String { paths[shapes[slots[slot].shape].path] }

        /// The member of a shape with that name, trying the one after the last hit first, since publishers keep an order.
        @inline(__always)
        func member(_ name: UnsafeRawBufferPointer, of shape: Int, after hint: inout Int) -> Int? {
            let range = shapes[shape].members
            guard !range.isEmpty else { return nil }
            let head = ConnectorPlan.head(name)
            var index = hint
            for _ in 0..<range.count {
                if index >= range.upperBound { index = range.lowerBound }
                let candidate = members[index]
                if candidate.head == head, candidate.count == name.count, name.count <= 8 || isName(candidate, name) {
                    hint = index + 1
                    return index
                }
                index += 1
            }
            return nil
        }

        private func isName(_ member: Member, _ name: UnsafeRawBufferPointer) -> Bool {
            for index in 0..<name.count where names[member.name + index] != name[index] { return false }
            return true
        }

        /// The first eight bytes of a name as one number.
        @inline(__always)
        static func head(_ name: UnsafeRawBufferPointer) -> UInt64 {
            if name.count >= 8 { return name.loadUnaligned(as: UInt64.self).littleEndian }
            var head: UInt64 = 0
            for index in 0..<name.count { head |= UInt64(name[index]) << UInt64(8 * index) }
            return head
        }
    }

    let tables: Tables
    private let memory = PlanMemory()
    let version: Version
    let key: Key
    let actions: Set<String>?

    init(_ draft: Draft) {
        tables = Tables(draft, in: memory)
        version = draft.version
        key = draft.key
        actions = draft.actions
    }

    /// The first eight bytes of a name as one number.
    @inline(__always)
    static func head(_ name: UnsafeRawBufferPointer) -> UInt64 { Tables.head(name) }
}

/// What a field's operator gave.
///
/// Text lies in the message and is valid while that is decoded.
enum FieldValue {
    case absent
    /// A violation was noted.
    case failed
    case text(UnsafeRawBufferPointer)
    /// Text that an operator made.
    case made(String)
    /// An entry of the plan's texts.
    case constantText(Int)
    /// A case of the target's code list.
    case code(Int)
    /// Cases of the target's code list, bit n for case n.
    case codeSet(UInt32)
    case date(CalendarDate)
    case moment(Timestamp)
    case integer(Int64)
    /// Valid, and of no further use.
    case checked

    /// The text, where it is one.
    func text(_ texts: UnsafeBufferPointer<String>) -> String? {
        switch self {
        case .text(let text): String(decoding: text, as: UTF8.self)
        case .made(let text): text
        case .constantText(let index): texts[index]
        case .absent, .failed, .code, .codeSet, .date, .moment, .integer, .checked: nil
        }
    }
}

/// Whether two runs of bytes are the same.
@inline(__always)
func equal(_ left: [UInt8], _ right: UnsafeRawBufferPointer) -> Bool {
    guard left.count == right.count else { return false }
    for index in 0..<left.count where left[index] != right[index] { return false }
    return true
}

/// Whether two runs of bytes are the same.
@inline(__always)
func equal(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
    guard left.count == right.count else { return false }
    for index in 0..<left.count where left[index] != right[index] { return false }
    return true
}
