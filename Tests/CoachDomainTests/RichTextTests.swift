import CoachDomain
import Testing

struct RichTextTests {
    @Test func `entities count UTF-16 units`() {
        var text = RichText()
        text += "🎧 "
        text.append("naïve 🎯", .bold)
        #expect(text.entities == [.init(type: .bold, offset: 3, length: 8)])
    }

    @Test func `an empty part makes no entity`() {
        var text = RichText()
        text.append("", .italic)
        #expect(text.entities.isEmpty)
    }

    @Test func `short text is not touched`() {
        let text = RichText(text: "four", entities: [.init(type: .code, offset: 0, length: 4)])
        #expect(text.truncated(to: 4) == text)
    }

    @Test func `a cut never splits a grapheme and shortens what is formatted`() {
        var text = RichText()
        text += "ab"
        text.append("👨‍👩‍👧‍👦👨‍👩‍👧‍👦", .bold)
        let cut = text.truncated(to: 20)
        #expect(cut.text == "ab👨‍👩‍👧‍👦…")
        #expect(cut.entities == [.init(type: .bold, offset: 2, length: 11)])
        #expect(cut.text.utf16.count <= 20)
    }

    @Test func `entities behind the cut are dropped`() {
        let text = RichText(
            text: String(repeating: "x", count: 50), entities: [.init(type: .bold, offset: 40, length: 5)])
        #expect(text.truncated(to: 10).entities.isEmpty)
    }
}
