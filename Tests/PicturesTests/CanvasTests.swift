import Testing

@testable import Pictures

struct CanvasTests {
    private static let white = Color(0xFFFFFF)
    private static let black = Color(0x000000)

    @Test func `a canvas of no size, or of any size, is refused`() {
        for (width, height) in [(0, 10), (10, -1), (9_000, 10), (10, .max)] {
            #expect(throws: PictureError.unusableSize(width: width, height: height)) {
                try Canvas(width: width, height: height, ground: Self.white)
            }
        }
    }

    @Test func `areas keep their exact colour`() throws {
        let canvas = try Canvas(width: 64, height: 32, ground: Color(0x123456))
        canvas.fill(.rectangle(Rect(x: 32, y: 0, width: 32, height: 32)), Color(0xFEDCBA))
        let picture = try DecodedPicture(try canvas.png())
        #expect(picture[5, 5] == [0x12, 0x34, 0x56])
        #expect(picture[50, 20] == [0xFE, 0xDC, 0xBA])
    }

    @Test(arguments: ["Pace 142", "Темп речи", "Größe, façade, ação"])
    func `a text is as wide as it was measured`(text: String) throws {
        let canvas = try Canvas(width: 800, height: 120, ground: Self.white)
        let font = Font(48, .semibold)
        let extent = try canvas.extent(text, font)
        try canvas.text(text, at: Point(40, 80), font, Self.black)
        let picture = try DecodedPicture(try canvas.png())
        let inked = (0..<800).filter { x in (0..<120).contains { picture[x, $0][0] < 128 } }
        let (first, last) = (try #require(inked.first), try #require(inked.last))
        #expect(abs(Double(first) - 40) < 8)
        #expect(abs(Double(last) - (40 + extent.width)) < 8)
        let rows = (0..<120).filter { y in (0..<800).contains { picture[$0, y][0] < 128 } }
        #expect(Double(try #require(rows.first)) >= 80 - extent.ascent)
        #expect(Double(try #require(rows.last)) <= 80 + extent.descent)
    }

    @Test func `one typeface shows Latin and Cyrillic, and what it lacks comes from another`() throws {
        let both = try FontBook.system.runs(of: "Tempo Темп ёжик Ñandú", weight: .medium)
        #expect(both.count == 1)
        // Runic is in no text typeface; whichever shows it, the rest of the line stays as it was.
        let mixed = try FontBook.system.runs(of: "abc ᚠᚢ abc", weight: .medium)
        #expect(mixed.map(\.text).joined() == "abc ᚠᚢ abc")
        let first = try #require(mixed.first)
        #expect(first.text.hasPrefix("abc"))
        #expect(mixed.last.map { unsafe $0.face == first.face } == true)
    }

    @Test func `a line that does not fit shrinks first and then loses its end`() throws {
        let canvas = try Canvas(width: 100, height: 100, ground: Self.white)
        let font = Font(40)
        let text = "A rather long headline"
        let natural = try canvas.extent(text, font).width
        let shrunk = try canvas.fitted(text, font, width: natural * 0.9, least: 30)
        #expect(shrunk.text == text)
        #expect(shrunk.font.size < 40 && shrunk.font.size >= 30)
        let cut = try canvas.fitted(text, font, width: natural * 0.5, least: 30)
        #expect(cut.text.hasSuffix("…"))
        #expect(cut.font.size == 30)
        #expect(try canvas.extent(cut.text, cut.font).width <= natural * 0.5 + 1)
    }

    @Test func `a text is broken between words, and only the last line is cut`() throws {
        let canvas = try Canvas(width: 100, height: 100, ground: Self.white)
        let font = Font(30)
        let lines = try canvas.wrapped(
            "one two three four five six seven eight nine ten", font, width: 220, lines: 3)
        #expect(lines.count == 3)
        #expect(lines.dropLast().allSatisfy { !$0.contains("…") })
        #expect(lines[2].hasSuffix("…"))
        for line in lines { #expect(try canvas.extent(line, font).width <= 221) }
    }

    @Test func `a smooth line stays between the values it joins`() {
        let points = [0.0, 10, 0, 0, 30, 29, 5].enumerated().map { Point(Double($0.offset), $0.element) }
        for case .curve(let first, let second, let end) in Path.smooth(points).elements {
            let start = points[Int(end.x) - 1]
            let range = min(start.y, end.y)...max(start.y, end.y)
            #expect(range.contains(first.y) && range.contains(second.y))
        }
    }
}
