internal import ParapluModel

extension ConnectorOperator {
    /// What is written about an operator.
    package struct Text: Sendable {
        /// What it does, in one or two sentences.
        package let meaning: String
        /// A line of a definition that uses it.
        package let example: String
        /// What it takes of a message.
        package let accepts: String
        /// What it refuses, and with which code.
        package let refuses: String
    }

    /// A table, by operator.
    package var text: Text {
        switch self {
        case .path:
            Text(
                meaning:
                    "The value at a place of the document: from its root with `/` in front, else from the element of `each`.",
                example: "action: { path: /meting/actie }",
                accepts: "`~1` stands for `/` in a name, `~0` for `~`; `null` is absent",
                refuses: "what is declared nowhere: `unknown_field`")
        case .attribute:
            Text(
                meaning: "An attribute of the CloudEvents envelope, of those that are known.",
                example: "sequence: { attribute: sequence, number: { min: 0 } }",
                accepts: "text; a number with leading zeros", refuses: "an unknown attribute: `unknown_field`")
        case .key:
            Text(
                meaning: "The key of the Kafka message, as text.", example: "action: { key: true }",
                accepts: "a key in UTF-8", refuses: "a message without a key, where it is needed: `missing_field`")
        case .constant:
            Text(
                meaning: "A value that the definition itself gives, as one of ours.",
                example: "rating: { constant: GRIJS }", accepts: "any message", refuses: "nothing")
        case .firstOf:
            Text(
                meaning: "The first operator of a list that has a value; those behind it are not looked at.",
                example: "action: { first_of: [{ path: /code }, { path: /nummer, codes: actie }] }",
                accepts: "any of them", refuses: "what the one with a value refuses")
        case .when:
            Text(
                meaning: "One operator or another, by whether a value equals one of a few texts.",
                example:
                    "rating: { when: { path: /stand, equals: [nieuw], then: { constant: GRIJS }, otherwise: { path: /kleur, codes: kleur } } }",
                accepts: "without `otherwise`, nothing where it does not hold", refuses: "what the chosen one refuses")
        case .join:
            Text(
                meaning: "One text of two to eight operators, with a text between them (`with`), then converted.",
                example: "milestone: { join: [{ path: /actie }, { path: /nr }], with: \"-m\" }",
                accepts: "strings and numbers as written; nothing where none is there",
                refuses: "some parts without the others: `missing_field`")
        case .part:
            Text(
                meaning:
                    "The n-th of a known count of parts of a text: `split`, `part` (from 1) and `of`; then converted.",
                example: "milestone: { path: /ref, split: \"/\", part: 2, of: 3 }",
                accepts: "exactly `of` parts", refuses: "another count: `invalid_value`")
        case .identifier:
            Text(
                meaning: "Without a conversion: an identifier of the plan.", example: "action: { path: /actie }",
                accepts: "1 to 64 of `a-z A-Z 0-9 . _ : / -`, a letter or digit first", refuses: "`invalid_value`")
        case .codes:
            Text(
                meaning:
                    "What a list under `code_lists` says a code stands for; `canonical` for the field's own codes.",
                example: "rating: { path: /kleur, codes: kleur }",
                accepts: "codes as listed, compared in Unicode Form C; numbers as written", refuses: "`unknown_code`")
        case .codesSplit:
            Text(
                meaning: "Several codes in one text, for reasons and checks; without `split` reasons are an array.",
                example: "reasons: { path: /redenen, codes: reden, split: \";\" }",
                accepts: "an empty text, for none; spaces around a code", refuses: "`unknown_code`")
        case .codesIgnoreCase:
            Text(
                meaning: "Codes in upper or lower case, with white space around them.",
                example: "rating: { path: /kleur, codes: kleur, ignore_case: true }",
                accepts: "`Groen`, ` GROEN `", refuses: "`unknown_code`")
        case .codesDays:
            Text(
                meaning:
                    "A code that stands for something on some days only, judged by the record's `as_of`; `until` is not included.",
                example: "R2: { means: ROOD, from: 2025-01-01, until: 2026-01-01 }",
                accepts: "the code on its days; a list of such entries, one after another",
                refuses: "the code on another day: `unknown_code`")
        case .dateISO: date("2025-05-31", "`2025-05-31`")
        case .dateDayFirst: date("31-05-2025", "`31-05-2025`, two digits each")
        case .dateCompact: date("20250531", "`20250531`, as text or as a number")
        case .dateShort: date("31-5-2025", "`31-5-2025` and `31-05-2025`")
        case .dateSlashes: date("31/05/2025", "`31/05/2025`, two digits each")
        case .dateWords: date("31 mei 2025", "`31 mei 2025`; Dutch names and their three letters, in any case")
        case .dateMoment: date("2025-05-31T23:30:00Z", "a moment with its offset: its day in Amsterdam")
        case .momentRFC3339: moment("moment: rfc3339", "`2025-06-02T09:00:00+02:00`", "a time without offset")
        case .momentISO:
            moment(
                "moment: iso-local, zone: Europe/Amsterdam",
                "`2025-06-02T09:00` with or without seconds, in the `zone`",
                "the hour that summer time leaves out, and the one that it repeats")
        case .momentDayFirst:
            moment(
                "moment: \"dd-mm-yyyy hh:mm\", zone: Europe/Amsterdam", "`02-06-2025 09:00`, in the `zone`",
                "the hour that summer time leaves out, and the one that it repeats")
        case .momentEpoch:
            moment(
                "moment: epoch-milliseconds", "`1748847600000`, as a number or as text",
                "anything but digits, and what lies before 1973 or after 2255")
        case .number:
            Text(
                meaning:
                    "A number of JSON, exact, within `min` and `max`, in a `unit`, with at most `decimals` digits behind the point.",
                example: "sequence: { path: /nr, number: { min: 1, max: 1000000 } }",
                accepts: "`12`, `1.5` with `decimals: 1`, `1e3`",
                refuses:
                    "text: `type`; more decimals: `type`; outside: `range`; what could be a citizen service number, unless `min` and `max` have at most seven digits: `personal_data`"
            )
        case .numberPlain:
            Text(
                meaning:
                    "A number in text, with a decimal point; a number of JSON too. The standard where all values are text.",
                example: "value: { path: /aantal, number: { style: plain } }", accepts: "`\"12\"`, `12`, `\"1.5\"`",
                refuses: "a comma, groups, a plus sign: `type`")
        case .numberDutch:
            Text(
                meaning: "A number in text, with a decimal comma, with or without a full stop between groups of three.",
                example: "value: { path: /bedrag, number: { style: dutch, decimals: 2 } }",
                accepts: "`1.234,50`, `1234,5`", refuses: "`1,234.50`, `12.34,5`: `type`")
        case .numberSuffix:
            Text(
                meaning: "A text that may stand behind the digits.",
                example: "- { path: /gereed, number: { style: dutch, suffix: \"%\", min: 0, max: 100 } }",
                accepts: "`80%`, `80 %`, `80`", refuses: "another text: `type`")
        case .numberTimes:
            Text(
                meaning:
                    "The number counts in tens, thousands or millions; bounds and decimals are those of the result.",
                example: "- { path: /bedrag, number: { unit: euro, times: 1000 } }", accepts: "`12.5`, which is 12,500",
                refuses: "what the result refuses")
        case .text:
            Text(
                meaning: "Any text, counted in characters (`length_max`, 1,000 unless told); for checks.",
                example: "- { path: /toelichting, text: { length_max: 2000 } }",
                accepts: "letters of every script, tabs and line breaks",
                refuses: "longer ones and control characters: `invalid_value`")
        case .shape:
            Text(
                meaning:
                    "An identifier of a known shape: `oin`, `uuid`, `rsin`, `kvk`. The privacy scan raises no alarm for it.",
                example: "- { path: /melder/kvk, shape: kvk }", accepts: "the shape", refuses: "`invalid_value`")
        case .organisation:
            Text(
                meaning:
                    "An organisation by one of the names that the section `organisations` lists, in any case; for `reporter` and `category`.",
                example: "category: { path: /instantie, organisation: any }",
                accepts: "OIN, TOOI or name, as listed",
                refuses: "`unknown_code`; as reporter another than the owner: `authority`")
        case .each:
            Text(
                meaning: "A record for each element of an array of objects.", example: "each: /onderdelen",
                accepts: "an empty or absent array, for none", refuses: "an element that is no object: `type`")
        case .recordWhen:
            Text(
                meaning: "The record is made where a path or attribute equals one of a few texts.",
                example: "when: { path: soort, equals: [actie, maatregel] }", accepts: "a text or a number as written",
                refuses:
                    "what no record names: `unknown_code`, or `missing_field` without a value; of an attribute: `version`"
            )
        case .tombstone:
            Text(
                meaning: "The record is made of a message without a value, from key, attributes and constants.",
                example: "on: tombstone", accepts: "a message whose value is null",
                refuses: "without such a record, every message without a value: `tombstone`")
        case .checks:
            Text(
                meaning: "Values that are looked at and not kept.",
                example: "checks: [{ path: /gereed, number: { min: 0, max: 100 } }]", accepts: "an absent value",
                refuses: "what the conversion refuses; with `required: true` an absent value: `missing_field`")
        case .ignore:
            Text(
                meaning: "Parts of the document that are known and left out; they are scanned for personal data.",
                example: "ignore: [/intern]", accepts: "anything, with all that is in it", refuses: "`personal_data`")
        }
    }

    private func date(_ day: String, _ accepts: String) -> Text {
        Text(
            meaning: "A day, written as \(day).", example: "as_of: { path: /peildatum, \(quoted) }", accepts: accepts,
            refuses:
                "another form or no day of the calendar: `invalid_date`; outside \(CalendarDate.accepted.lowerBound) to \(CalendarDate.accepted.upperBound): `range`"
        )
    }

    private func moment(_ operators: String, _ accepts: String, _ refuses: String) -> Text {
        Text(
            meaning: "A moment, to the microsecond, in UTC.",
            example: "recorded_at_source: { path: /vastgesteld, \(operators) }",
            accepts: accepts, refuses: "\(refuses): `invalid_date`")
    }

    /// The raw value with its own value in quotes where YAML or a reader could take it for something else.
    private var quoted: String { self == .dateWords ? "date: \"d mmmm yyyy\"" : rawValue }
}
