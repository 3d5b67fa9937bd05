import CoachDomain
import Conversation
import Testing

struct PhrasebookTests {
    @Test func `every language says everything`() throws {
        let books = try Phrasebooks()
        #expect(books.languages.contains("en"))
        for language in books.languages { #expect(books.book(for: language).missing.isEmpty) }
    }

    @Test(arguments: [nil, "en", "EN-gb", "tlh", "", "-"])
    func `an unknown language is answered in English`(code: String?) throws {
        #expect(try Phrasebooks().book(for: code).language == "en")
    }

    @Test func `the limit stands in the advice`() throws {
        let texts = try Phrasebooks().advice(.tooLong, limitMinutes: 30)
        #expect(texts["en"]?.text.contains("30 minutes") == true)
        #expect(texts["en"]?.text.contains("{") == false)
    }
}
