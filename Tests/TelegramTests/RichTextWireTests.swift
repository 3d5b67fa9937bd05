import CoachDomain
import Testing

@testable import Telegram

@Suite struct RichTextWireTests {
    private func entity(_ style: RichText.Entity.Style, _ offset: Int, _ length: Int) -> RichText.Entity {
        RichText.Entity(type: style, offset: offset, length: length)
    }

    @Test func `offsets count UTF-16 units, as Telegram does`() {
        var text = RichText()
        text += "👩‍👩‍👧 é "
        text.append("bold", .bold)
        #expect(text.wireEntities == [MessageEntity(type: "bold", offset: 11, length: 4)])
    }

    @Test func `entities that Telegram would refuse are left out or cut`() {
        let text = RichText(
            text: "hello",
            entities: [
                entity(.bold, 0, 0), entity(.italic, 5, 1), entity(.code, -1, 2),
                entity(.expandableBlockquote, 3, 9),
            ])
        #expect(text.wireEntities == [MessageEntity(type: "expandable_blockquote", offset: 3, length: 2)])
        #expect(RichText(text: "plain").wireEntities == nil)
    }

    @Test func `no more entities are sent than have an effect`() {
        let many = RichText(
            text: String(repeating: "x", count: 300), entities: (0..<300).map { entity(.bold, $0, 1) })
        #expect(many.wireEntities?.count == 100)
        #expect(many.wireEntities?.last?.offset == 99)
    }

    @Test func `a short text is one message`() {
        let text = RichText(text: "hello", entities: [entity(.bold, 0, 5)])
        #expect(text.messages() == [text])
        #expect(RichText(text: " \n ").messages().isEmpty)
    }

    @Test(arguments: [
        ("one two\n\nthree four five", 16, ["one two", "three four five"]),
        ("aaaa bbbb. cccc dddd", 15, ["aaaa bbbb.", "cccc dddd"]),
        ("aaaa bbbb cccc", 11, ["aaaa bbbb", "cccc"]),
        ("aaaaaaaaaa", 4, ["aaaa", "aaaa", "aa"]),
    ])
    func `a long text is cut where a reader would pause`(text: String, limit: Int, expected: [String]) {
        #expect(RichText(text: text).messages(limit: limit).map(\.text) == expected)
    }

    @Test func `an entity over a cut goes on in the next message`() {
        let text = RichText(text: "aaaa bbbb cccc", entities: [entity(.bold, 2, 10)])
        #expect(
            text.messages(limit: 10) == [
                RichText(text: "aaaa bbbb", entities: [entity(.bold, 2, 7)]),
                RichText(text: "cccc", entities: [entity(.bold, 0, 2)]),
            ])
    }

    @Test func `no cut goes through a grapheme, and nothing but white space is lost`() {
        let unit = "👨‍👩‍👧‍👦e\u{301} "
        let text = RichText(text: String(repeating: unit, count: 60))
        for limit in 12...40 {
            let pieces = text.messages(limit: limit)
            #expect(pieces.allSatisfy { $0.text.utf16.count <= limit })
            let joined = pieces.map(\.text).joined().filter { !$0.isWhitespace }
            #expect(joined == text.text.filter { !$0.isWhitespace })
        }
    }

    @Test func `a grapheme beyond the limit is left out`() {
        let monster = "e" + String(repeating: "\u{301}", count: 50)
        #expect(RichText(text: "ab\(monster)cd").messages(limit: 10).map(\.text) == ["ab", "cd"])
    }
}
