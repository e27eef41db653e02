import ParapluModel

func append(_ number: some FixedWidthInteger, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
}

func append(_ text: String, to bytes: inout [UInt8]) {
    bytes.append(UInt8(text.utf8.count))
    bytes.append(contentsOf: text.utf8)
}

/// Reads a state's byte form from front to back.
struct StateReader {
    let bytes: [UInt8]
    var offset = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { offset == bytes.count }
    var invalid: ActionStateDecodingError { .invalid(offset: offset) }

    mutating func byte() throws(ActionStateDecodingError) -> UInt8 {
        guard offset < bytes.count else { throw .truncated }
        offset += 1
        return bytes[offset - 1]
    }

    mutating func integer<Number: FixedWidthInteger>() throws(ActionStateDecodingError) -> Number {
        let width = Number.bitWidth / 8
        guard bytes.count - offset >= width else { throw .truncated }
        let number = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: Number.self) }
        offset += width
        return Number(littleEndian: number)
    }

    mutating func date() throws(ActionStateDecodingError) -> CalendarDate {
        CalendarDate(daysSince2000: try integer())
    }

    mutating func text() throws(ActionStateDecodingError) -> String {
        let count = Int(try byte())
        guard bytes.count - offset >= count else { throw .truncated }
        offset += count
        return String(decoding: bytes[(offset - count)..<offset], as: UTF8.self)
    }

    mutating func milestone() throws(ActionStateDecodingError) -> ActionState.ReportedMilestone {
        guard let id = MilestoneID(try text()) else { throw invalid }
        let code = try byte()
        guard let status = MilestoneStatus(stateCode: code & 15) else { throw invalid }
        let asOf = try date()
        let due = code & 16 == 0 ? nil : try date()
        let dueBefore = code & 32 == 0 ? nil : try date()
        let reachedOn = code & 64 == 0 ? nil : try date()
        let document = code & 128 == 0 ? nil : try text()
        guard document.map({ isIdentifier(utf8: $0.utf8) }) ?? true else { throw invalid }
        guard reachedOn == nil && document == nil || status == .reportedReached || status == .reached else {
            throw invalid
        }
        return ActionState.ReportedMilestone(
            milestone: id, status: status, asOf: asOf, due: due, dueBefore: dueBefore, reachedOn: reachedOn,
            document: document)
    }

    mutating func dayRecord() throws(ActionStateDecodingError) -> ActionState.DayRecord {
        let kind: UInt16 = try integer()
        guard RecordKind(code: Int16(bitPattern: kind)) != nil else { throw invalid }
        guard let reporter = OrganisationID(try text()) else { throw invalid }
        let item = try text()
        // A party and a milestone have a space between them.
        guard item.utf8.allSatisfy({ (0x20..<0x7f).contains($0) }) else { throw invalid }
        return ActionState.DayRecord(
            reporter: reporter, kind: Int16(bitPattern: kind), item: item, order: try integer(),
            identityHigh: try integer(), identityLow: try integer())
    }
}
