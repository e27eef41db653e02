/// A reporting round (rapportageronde) as the plan's calendar has it; `paraplu round open` opens one.
package struct PlannedRound: Hashable, Sendable {
    package var id: RoundID
    package var labelNL: String
    /// The day of which the round speaks (peildatum), and where that day comes from.
    package var asOf: CalendarDate
    package var asOfProvenance: Provenance
    /// The last day on which a report is on time, and where that day comes from.
    package var freezeOn: CalendarDate
    package var freezeOnProvenance: Provenance
    /// The letter to Parliament, one of the plan's documents; nil before it has a number.
    package var letter: DocumentNumber?
    /// The day of the letter, known before it has a number.
    package var letterDate: CalendarDate?
    package var provenance: Provenance

    /// The most bytes of a label.
    package static let labelBytesMax = 200

    package init(
        id: RoundID, labelNL: String, asOf: CalendarDate, asOfProvenance: Provenance, freezeOn: CalendarDate,
        freezeOnProvenance: Provenance, letter: DocumentNumber? = nil, letterDate: CalendarDate? = nil,
        provenance: Provenance
    ) {
        self.id = id
        self.labelNL = labelNL
        self.asOf = asOf
        self.asOfProvenance = asOfProvenance
        self.freezeOn = freezeOn
        self.freezeOnProvenance = freezeOnProvenance
        self.letter = letter
        self.letterDate = letterDate
        self.provenance = provenance
    }
}
