import Testing

@testable import ParapluCommand

@Suite struct TableTests {
    @Test("columns stand straight by characters, whatever their bytes")
    func characters() {
        var table = Table(columns: [.init("A"), .init("N", isRight: true), .init("B")])
        table.add(["Creëren", "7", "x"])
        table.add(["e\u{301}", "12", "y"])

        #expect(table.text(width: nil, usesColor: false) == "A         N  B\nCreëren   7  x\ne\u{301}        12  y\n")
    }

    @Test("a line has no spaces at its end, and an empty cell keeps its place")
    func emptyCells() {
        var table = Table(columns: [.init(""), .init(""), .init("")], hasHeader: false)
        table.add(["a", "", "c"])
        table.add(["aa", "b", ""])

        #expect(table.text(width: nil, usesColor: false) == "a      c\naa  b\n")
    }

    @Test("a narrow terminal cuts the flexible column only, with an ellipsis")
    func narrow() {
        var table = Table(columns: [.init("", isFlexible: true), .init("")], hasHeader: false)
        table.add(["abcdefghijklmnopqrst", "12345678"])

        #expect(table.text(width: 22, usesColor: false) == "abcdefghijk…  12345678\n")
    }

    @Test("a control character of a partner's never reaches the terminal")
    func controlCharacters() {
        var table = Table(columns: [.init("")], hasHeader: false)
        table.add(["a\u{1B}[31mb\nc"])

        #expect(table.text(width: nil, usesColor: false) == "a [31mb c\n")
    }

    @Test("colour is there only where it is wanted, and takes no width")
    func color() {
        var table = Table(columns: [.init(""), .init("")], hasHeader: false)
        table.add([.init("ROOD", .red), .init("x")])
        table.add([.init("GROEN", .green), .init("y")])

        #expect(table.text(width: nil, usesColor: false) == "ROOD   x\nGROEN  y\n")
        #expect(
            table.text(width: nil, usesColor: true)
                == "\u{1B}[31mROOD\u{1B}[0m   x\n\u{1B}[32mGROEN\u{1B}[0m  y\n")
    }
}
