/// A reporting round (rapportageronde) as the plan's calendar has it; `paraplu round open` opens one.
package struct PlannedRound: Hashable, Sendable {
    /// Its identifier, unique among the rounds, such as `round-2025-1`.
    package var id: RoundID
    /// What it is called in Dutch, such as `2024 tweede helft`; at most `labelBytesMax` bytes of UTF-8.
    package var labelNL: String
    /// The day of which the round speaks (peildatum).
    package var asOf: CalendarDate
    /// Whether that day stands in a public source or was made for demonstration.
    package var asOfProvenance: Provenance
    /// The last day on which a report is on time.
    package var freezeOn: CalendarDate
    /// Whether the freeze day stands in a public source or was made for demonstration.
    package var freezeOnProvenance: Provenance
    /// The letter to Parliament, one of the plan's documents; nil before it has a number.
    package var letter: DocumentNumber?
    /// The day of the letter, known before it has a number.
    package var letterDate: CalendarDate?
    /// Whether the round itself stands in a public source or was made for demonstration.
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
