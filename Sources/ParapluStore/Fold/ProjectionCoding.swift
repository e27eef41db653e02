import ParapluModel
package import ParapluRules

// The byte forms in which the store keeps projections between commits. Codes are written as the code lists' own words,
// so that reordering a list can't change what was kept. A form that can't be read is no loss: the fold makes it again.

/// Appends texts and numbers, each so that the next can't run into it.
private struct ByteWriter {
    var bytes: [UInt8]

    /// Takes the bytes out of their variable, so that appending doesn't copy them; whoever began puts them back.
    init(taking bytes: inout [UInt8]) {
        self.bytes = []
        swap(&self.bytes, &bytes)
    }

    mutating func text(_ text: String?) {
        guard let text else {
            bytes.append(0xFF)
            return
        }
        precondition(text.utf8.count < 0xFF, "codes and identifiers are short")
        bytes.append(UInt8(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    mutating func number(_ number: Int32) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func date(_ date: CalendarDate?) { number(date?.daysSince2000 ?? .max) }
}

/// Reads what `ByteWriter` wrote; anything else ends in `isValid` false.
private struct ByteReader {
    let bytes: [UInt8]
    var offset = 0
    var isValid = true
    var isAtEnd: Bool { isValid && offset == bytes.count }

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func text() -> String? {
        guard offset < bytes.count else {
            isValid = false
            return nil
        }
        let count = Int(bytes[offset])
        offset += 1
        guard count < 0xFF else { return nil }
        guard bytes.count - offset >= count else {
            isValid = false
            return nil
        }
        defer { offset += count }
        return String(decoding: bytes[offset..<offset + count], as: UTF8.self)
    }

    mutating func number() -> Int32 {
        guard bytes.count - offset >= 4 else {
            isValid = false
            return 0
        }
        defer { offset += 4 }
        return Int32(littleEndian: bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: Int32.self) })
    }

    mutating func date() -> CalendarDate? {
        let days = number()
        return days == .max ? nil : CalendarDate(daysSince2000: days)
    }

    mutating func count() -> Int {
        let count = Int(number())
        if count < 0 || count > bytes.count { isValid = false }
        return isValid ? count : 0
    }
}

extension ActionStatus {
    package func encode(into bytes: inout [UInt8]) {
        var writer = ByteWriter(taking: &bytes)
        writer.text(lifecycle.rawValue)
        writer.text(rating.rawValue)
        writer.text(reportedRating?.rawValue)
        writer.text(lastKnownRating?.rawValue)
        writer.text(dataState.rawValue)
        writer.number((isRebaselined ? 1 : 0) | (isDisputed ? 2 : 0))
        writer.date(asOf)
        writer.text(holder?.rawValue)
        writer.text(reporter?.rawValue)
        writer.number(milestones.open)
        writer.number(milestones.reportedReached)
        writer.number(milestones.accepted)
        writer.number(milestones.dropped)
        writer.number(Int32(reasons.count))
        for reason in reasons { writer.text(reason.description) }
        writer.number(Int32(slips.count))
        for slip in slips {
            writer.text(slip.milestone.rawValue)
            writer.date(slip.baselineDue)
            writer.date(slip.currentDue)
        }
        bytes = writer.bytes
    }

    package init?(decoding bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        let codes = [reader.text(), reader.text(), reader.text(), reader.text(), reader.text()]
        guard let lifecycle = codes[0].flatMap(Lifecycle.init(rawValue:)),
            let rating = codes[1].flatMap(DeliveryRating.init(rawValue:)),
            let dataState = codes[4].flatMap(DataState.init(rawValue:))
        else { return nil }
        let marks = reader.number()
        let asOf = reader.date()
        let holder = reader.text().map(OrganisationID.init(unchecked:))
        let reporter = reader.text().map(OrganisationID.init(unchecked:))
        let milestones = MilestoneCounts(
            open: reader.number(), reportedReached: reader.number(), accepted: reader.number(),
            dropped: reader.number())
        var reasons: [StatusReason] = []
        for _ in 0..<reader.count() {
            guard let reason = reader.text().flatMap({ StatusReason($0) }) else { return nil }
            reasons.append(reason)
        }
        var slips: [MilestoneSlip] = []
        for _ in 0..<reader.count() {
            guard let id = reader.text(), let baseline = reader.date(), let current = reader.date() else { return nil }
            slips.append(
                MilestoneSlip(milestone: MilestoneID(unchecked: id), baselineDue: baseline, currentDue: current))
        }
        guard reader.isAtEnd else { return nil }
        self.init(
            lifecycle: lifecycle, rating: rating, reportedRating: codes[2].flatMap(DeliveryRating.init(rawValue:)),
            lastKnownRating: codes[3].flatMap(DeliveryRating.init(rawValue:)), dataState: dataState,
            isRebaselined: marks & 1 != 0, isDisputed: marks & 2 != 0, reasons: reasons, asOf: asOf, holder: holder,
            reporter: reporter,
            milestones: milestones, slips: slips)
    }
}

extension RollupContribution {
    package func encode(into bytes: inout [UInt8]) {
        var writer = ByteWriter(taking: &bytes)
        let code: Int32 =
            switch part {
            case .plan: 1
            case .apart: 2
            case .uncounted: 3
            }
        writer.number(code)
        writer.text(lifecycle.rawValue)
        writer.text(rating.rawValue)
        writer.text(dataState.rawValue)
        let marks: [Bool] = [isActive, isCriticalRed, isDisputed, isRebaselined]
        writer.number(marks.enumerated().reduce(0) { $0 | ($1.element ? 1 << Int32($1.offset) : 0) })
        writer.number(milestonesAccepted)
        writer.number(milestonesCounted)
        bytes = writer.bytes
    }

    package init?(decoding bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        let parts: [Int32: Part] = [1: .plan, 2: .apart, 3: .uncounted]
        guard let part = parts[reader.number()],
            let lifecycle = reader.text().flatMap(Lifecycle.init(rawValue:)),
            let rating = reader.text().flatMap(DeliveryRating.init(rawValue:)),
            let dataState = reader.text().flatMap(DataState.init(rawValue:))
        else { return nil }
        let marks = reader.number()
        self.init(
            part: part, lifecycle: lifecycle, rating: rating, dataState: dataState, isActive: marks & 1 != 0,
            isCriticalRed: marks & 2 != 0, isDisputed: marks & 4 != 0, isRebaselined: marks & 8 != 0,
            milestonesAccepted: reader.number(), milestonesCounted: reader.number())
        guard reader.isAtEnd else { return nil }
    }
}

extension RollupCounts {
    package func encode(into bytes: inout [UInt8]) {
        var writer = ByteWriter(taking: &bytes)
        for value in values { writer.number(value) }
        bytes = writer.bytes
    }

    package init?(decoding bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        self.init(values: (0..<RollupCounts.valueCount).map { _ in reader.number() })
        guard reader.isAtEnd else { return nil }
    }
}
