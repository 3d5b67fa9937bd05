import CoachDomain
import CoachStore
import Conversation
import Foundation
import Testing

struct RepliesTests {
    private let books: Phrasebooks

    init() throws { books = try Phrasebooks() }

    private func replies(
        _ language: String, button: Bool = false, _ settings: SpeakerSettings = SpeakerSettings()
    ) -> Replies {
        Replies(
            books,
            to: RequestToAnswer(
                person: Person(botID: 1, userID: 7, languageCode: language, settings: settings), chatID: 7,
                messageID: 44, callbackQueryID: button ? "q" : nil, request: .progress),
            retentionDays: 180, now: Date(timeIntervalSince1970: 1_795_300_200))
    }

    private func note(_ words: [Word], improvements: Int = 3) -> CoachedNote {
        let feedback = Feedback(
            provider: "p", model: "m", promptVersion: "1", summary: "s", strengths: ["good"],
            improvements: (0..<improvements).map {
                Improvement(
                    quote: "q\($0)", start: 1, end: 2, why: "why\($0)", suggestion: "do\($0)", topic: .fillers
                )
            }, rewrite: "Better.", drill: "d")
        return CoachedNote(
            note: NoteID(3), messageID: 30, receivedAt: .now,
            transcript: Transcript(
                text: words.map(\.text).joined(separator: " "), language: "en", provider: "p", model: "m",
                capabilities: RecognizerCapabilities(
                    fillers: .measured, wordTimes: true, wordConfidence: true),
                words: words),
            metrics: SpeechMetrics(), feedback: feedback, isPartial: false)
    }

    private func word(_ text: String, _ start: Double) -> Word {
        Word(text: text, span: TimeSpan(start: start, end: start + 0.3))
    }

    @Test func `every button of every page leads to a request, within Telegram's limits, in every language`()
    {
        for language in books.languages {
            for page in SpeakerRequest.SettingsPage.allCases {
                let message = replies(language, button: true).settings(page)
                #expect(message.replaces == 44)
                let buttons = message.buttons.flatMap(\.self)
                #expect((1...100).contains(buttons.count) && message.buttons.allSatisfy { $0.count <= 8 })
                for button in buttons {
                    #expect(CallbackData.decode(button.data) != nil && !button.label.isEmpty)
                }
            }
            for topic in SpeakerRequest.Topic.allCases {
                let text = replies(language).fixed(topic).body.text
                #expect(!text.isEmpty && !text.contains("{") && text.utf16.count <= 4_096)
            }
        }
    }

    @Test func `a command is answered by a new message, a button turns the page of its own`() {
        #expect(replies("en").settings(.overview).replaces == nil)
        #expect(replies("en").settings(.overview).answers == 44)
        #expect(replies("en", button: true).erase(.decline, noteCount: 1).replaces == 44)
    }

    @Test func `a language that is chosen is read at once`() {
        let menu = replies("en", button: true).settings(after: .coachLanguage("de"))
        #expect(menu.body.text.contains("Einstellungen"))
        let back = replies("en", button: true, SpeakerSettings(coachLanguage: "de")).settings(
            after: .coachLanguage(nil))
        #expect(back.body.text.contains("Settings"))
    }

    @Test func `a reminder asks for the time of day first`() {
        let menu = replies("en", button: true).settings(after: .reminder(540))
        #expect(menu.body.text.contains("What time"))
        let known = SpeakerSettings(utcOffsetMinutes: 60)
        let done = replies("en", button: true, known).settings(after: .reminder(540))
        #expect(done.buttons.flatMap(\.self).contains { $0.label == "Reminder: 09:00" })
    }

    @Test func `the clock's choices are offsets from the hour that it is`() {
        // It is 22:30 UTC: who reads 23 on the clock is one hour ahead, who reads 10 is twelve behind or ahead.
        let buttons = replies("en", button: true).settings(.clock).buttons.flatMap(\.self)
        func offset(_ label: String) -> SpeakerRequest? {
            buttons.first { $0.label == label }.flatMap { CallbackData.decode($0.data) }
        }
        #expect(offset("23:00") == .change(.utcOffset(60)))
        #expect(offset("22:00") == .change(.utcOffset(0)))
        #expect(offset("17:00") == .change(.utcOffset(-300)))
        #expect(offset("10:00") == .change(.utcOffset(720)))
    }

    @Test func `a transcript breaks where the speaker paused`() {
        let note = note([word("One", 0.5), word("two", 0.9), word("three", 65), word("four", 65.4)])
        let text = replies("en").transcript(note).body.text
        #expect(text == "You said\n0:01 One two\n1:05 three four")
    }

    @Test func `at most two tips more, and a kind word when there are none`() {
        let more = replies("en").tips(note([], improvements: 4)).body.text
        #expect(more.contains("why1") && more.contains("why2"))
        #expect(!more.contains("why0") && !more.contains("why3"))
        #expect(replies("en").tips(note([], improvements: 1)).body.text.contains("the rest is fine"))
    }

    @Test func `buttons under an answer offer only what there is`() {
        func labels(_ tips: Bool, _ rewrite: Bool) -> [String] {
            Replies.buttons(of: NoteID(1), in: books.book(for: "en"), hasMoreTips: tips, hasRewrite: rewrite)
                .flatMap(\.self).map(\.label)
        }
        #expect(labels(true, true).count == 6 && labels(false, false).count == 4)
        #expect(!labels(false, true).contains { $0.contains("tips") })
        #expect(!labels(true, false).contains { $0.contains("Hear") })
    }
}
