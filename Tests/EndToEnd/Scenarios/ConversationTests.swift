import BotAPIEmulator
import Foundation
import ProviderFakes
import Testing

/// Whole conversations, from the person's side.
struct ConversationTests {
    private static let canary = "xylophonecanary"
    private static let words =
        "Um, my \(canary) plan is, um, to say this in one short sentence and then to stop."

    private let plan = Deployment.Plan(settings: ["TTS_PROVIDERS": "espeak"])

    /// Sends a note and returns its answer, with all that belongs to it.
    private func coached(_ chat: Chat, _ coach: Deployment, _ text: String = Self.words) async throws
        -> Chat.BotMessage
    {
        coach.openAI.hear(Recognition(text: text))
        let note = try await chat.send()
        return try await eventually("an answer to message \(note)", within: .seconds(90)) {
            await chat.results().first { $0.answers == note && $0.isEdited }
        }
    }

    @Test func `first contact leads to a topic, a note, a picture and buttons that all answer`() async throws
    {
        try await Deployment.run(plan) { coach in
            let chat = coach.chat()
            let start = try await chat.say("/start")
            let welcome = try await chat.says(after: start, "welcome") { $0.text.contains("speak better") }
            try await chat.press("topic", under: welcome.id)
            let goals = try await chat.says(after: welcome.id, "which goals there are")
            try await chat.press("Interview", under: goals.id)
            let topic = try await chat.says(after: goals.id, "a topic")
            try await chat.press("Another", under: topic.id)
            let other = try await chat.says(after: topic.id, "another topic")
            #expect(topic.text != other.text)

            let answer = try await coached(chat, coach)
            #expect(answer.text.contains(Self.canary))
            let card = try #require(try await chat.files("photo").first)
            #expect(card.bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]) && card.bytes.count < 100_000)
            try keep(card, as: "card.png")

            try await chat.press("Transcript", under: answer.id)
            let transcript = try await chat.says(after: answer.id, "the transcript") {
                $0.text.contains("You said") && $0.text.contains("0:0")
            }
            #expect(transcript.text.contains(Self.canary))
            try await chat.press("Hear it", under: answer.id)
            let voice = try #require(try await chat.files("voice").first)
            #expect(voice.bytes.starts(with: Array("OggS".utf8)))
            try await chat.press("Wrong words", under: answer.id)
            _ = try await chat.says(after: answer.id, "sorry") { $0.text.contains("misheard") }
            try await chat.say("/progress")
            _ = try await chat.says(after: answer.id, "that a disputed note counts in no trend") {
                $0.text.contains("at least two notes")
            }
        }
    }

    @Test func `the same said again is compared on the one thing`() async throws {
        try await Deployment.run(plan) { coach in
            let chat = coach.chat()
            let first = try await coached(chat, coach)
            #expect(!first.text.contains("Before → after"))
            try await chat.press("Say it again", under: first.id)
            _ = try await chat.says(after: first.id, "how to go on") { $0.text.contains("once more") }
            let second = try await coached(chat, coach, "My plan is to say this in one short sentence.")
            #expect(second.text.hasPrefix("🔁 Before → after"))
            let third = try await coached(chat, coach, "And now for something different altogether today.")
            #expect(!third.text.contains("Before → after"))

            try await chat.say("/progress")
            let photos = try await chat.files("photo", count: 4)
            let trend = try #require(photos.last { !$0.caption.isEmpty })
            #expect(trend.caption.contains("Notes: 3"))
            try keep(trend, as: "progress.png")
            let asked = try await chat.say("/history")
            let history = try await chat.says(after: asked, "the latest notes")
            #expect(history.text.split(separator: "\n").count == 4)
        }
    }

    @Test func `settings turn the pages of one message and are obeyed`() async throws {
        try await Deployment.run(plan) { coach in
            let chat = coach.chat()
            let asked = try await chat.say("/settings")
            let menu = try await chat.says(after: asked, "the menu") { $0.text.contains("Settings") }
            try await chat.press("Picture: on", under: menu.id)
            try await eventually("the picture is off") {
                await chat.buttons(under: menu.id).contains { $0.label == "Picture: off" }
            }
            try await chat.press("Reminder", under: menu.id)
            _ = try await chat.becomes(menu.id, "the choice of a time") { $0.text.contains("remind") }
            try await chat.press("09:00", under: menu.id)
            _ = try await chat.becomes(menu.id, "the question for the clock") {
                $0.text.contains("What time is it")
            }
            try await chat.press("12:00", under: menu.id)
            try await eventually("the reminder stands") {
                await chat.buttons(under: menu.id).contains { $0.label == "Reminder: 09:00" }
            }
            try await chat.press("Coach's language", under: menu.id)
            try await chat.press("English", under: menu.id)
            try await eventually("the language stands") {
                await chat.buttons(under: menu.id).contains { $0.label == "Coach's language: English" }
            }
            #expect(await chat.botMessages().count == 1)

            try await chat.press("Language you speak", under: menu.id)
            try await chat.press("Deutsch", under: menu.id)
            try await eventually("the spoken language is pinned") {
                await chat.buttons(under: menu.id).contains { $0.label == "Language you speak: Deutsch" }
            }

            let answer = try await coached(chat, coach)
            try await coach.ledger.settled()
            let actions = await chat.allActions()
            #expect(actions.allSatisfy { $0.method != "sendPhoto" })
            #expect(answer.text.contains(Self.canary))
            let order = try #require(coach.openAI.speech.requests.last)
            let form = String(decoding: order.body, as: UTF8.self)
            #expect(form.contains("name=\"language\"\r\n\r\nde\r\n"))
        }
    }

    @Test func `a conversation in German, until the person asks for French`() async throws {
        try await Deployment.run(
            Deployment.Plan(settings: ["LLM_PROVIDERS": "rules", "TTS_PROVIDERS": "espeak"])
        ) {
            coach in
            let chat = Chat(emulator: coach.telegram, languageCode: "de")
            let start = try await chat.say("/start")
            let welcome = try await chat.says(after: start, "Willkommen") {
                $0.text.contains("Sprachnachricht")
            }
            let first = try await coached(chat, coach)
            #expect(first.text.contains("So hast du gesprochen"))
            #expect(first.text.contains(Self.canary), "quotes stay in the speaker's language")
            let asked = try await chat.say("/settings")
            let menu = try await chat.says(after: asked, "the menu")
            let page = try #require(
                await chat.buttons(under: menu.id).first { $0.data == "settings:coachLanguage" })
            try await chat.press(data: page.data, under: menu.id)
            try await chat.press("Français", under: menu.id)
            _ = try await chat.becomes(menu.id, "French") { $0.text.contains("Réglages") }
            let second = try await coached(chat, coach)
            #expect(second.text.contains("façon de parler"))
            #expect(welcome.id < second.id)
            try keep(try #require(try await chat.files("photo", count: 2).last), as: "card-fr.png")
        }
    }

    @Test func `the words come first, and the bot is seen at work until the coaching is there`() async throws
    {
        try await Deployment.run(plan) { coach in
            coach.openAI.hear(Recognition(text: Self.words))
            coach.openAI.chat.failNext(.slow(.seconds(4)))
            coach.anthropic.messages.failNext(.slow(.seconds(4)))
            let chat = coach.chat()
            try await chat.send()
            let heard = try await eventually("the words without coaching") {
                await chat.botMessages().first { $0.text.hasSuffix(Chat.working) }
            }
            #expect(heard.text.contains(Self.canary))
            let answer = try await chat.answer()
            #expect(answer.id == heard.id && answer.text.contains("One thing to change"))
            try await coach.ledger.settled()
            let actions = await chat.allActions()
            #expect(actions.contains { $0.method == "sendChatAction" && $0.status == 200 })
        }
    }

    @Test func `who may not hear voice messages reads`() async throws {
        try await Deployment.run(plan) { coach in
            let chat = coach.chat()
            let answer = try await coached(chat, coach)
            _ = try await chat.emulator.perform(.refuseVoice, by: chat.user)
            try await chat.press("Hear it", under: answer.id)
            let text = try await chat.says(after: answer.id, "the better version as text")
            #expect(answer.text.contains(text.text))
        }
    }

    @Test func `the buttons of one person are no use to another`() async throws {
        try await Deployment.run(plan) { coach in
            let (chat, stranger) = (coach.chat(), coach.chat())
            _ = try await coached(chat, coach)
            let note = try #require(try await coach.ledger.note(in: chat.id))
            let theirs = try await coached(stranger, coach, "Something of my own, said by somebody else.")
            let own = try #require(try await coach.ledger.note(in: stranger.id))
            // A program that is no Telegram app may send any data; the emulator's person only what is there.
            let forged = Updates.press(
                9_000_001, user: stranger.id, message: theirs.id, "note:\(note.id):transcript")
            let webhook = try coach.process(.webhook).origin + "/telegram/webhook"
            let reply = try await HTTP.post(
                webhook, headers: [("X-Telegram-Bot-Api-Secret-Token", Deployment.Secrets.webhook)],
                body: forged.bytes)
            #expect(reply.status == 200)
            let refusal = try await stranger.says(after: theirs.id, "that there is no such note") {
                $0.text.contains("no longer have")
            }
            #expect(!refusal.text.contains(Self.canary))
            #expect(own.id != note.id)
        }
    }

    @Test func `one note can be deleted, with what it left in the chat`() async throws {
        try await Deployment.run(plan) { coach in
            let chat = coach.chat()
            let answer = try await coached(chat, coach)
            let cards = try await chat.files("photo")
            #expect(cards.count == 1)
            try await coach.ledger.settled()
            try await chat.press("Delete", under: answer.id)
            let question = try await chat.says(after: answer.id, "are you sure") {
                $0.text.contains("can't be undone")
            }
            try await chat.press("Yes", under: question.id)
            _ = try await chat.says(after: question.id, "deleted") { $0.text.contains("Deleted") }
            let left = await chat.botMessages()
            #expect(left.allSatisfy { !$0.text.contains(Self.canary) })
            let pictures = await chat.receivedFiles("photo")
            #expect(pictures.isEmpty)
            let traces = try await Traces.of(Self.canary, in: coach)
            #expect(traces == [])
            let notes = try await coach.ledger.notes()
            #expect(notes.isEmpty)
        }
    }

    @Test func `everything that is held can be had, and then it is gone`() async throws {
        try await Deployment.run(plan) { coach in
            let chat = coach.chat()
            let answer = try await coached(chat, coach)
            try await chat.press("Hear it", under: answer.id)
            _ = try await chat.files("voice")
            let before = try await Traces.of(Self.canary, in: coach)
            #expect(!before.isEmpty)

            try await chat.say("/export")
            let files = try await chat.files("document", count: 2)
            let document = try #require(
                files.compactMap { JSON(text: String(decoding: $0.bytes, as: UTF8.self)) }.first)
            #expect(document["notes"]?[0]?["transcript"]?.string?.contains(Self.canary) == true)
            #expect(document["notes"]?[0]?["metrics"] != nil && document["notes"]?[0]?["feedback"] != nil)
            #expect(
                files.contains {
                    String(decoding: $0.bytes, as: UTF8.self).hasPrefix("note,receivedAt,seconds")
                })

            let asked = try await chat.say("/delete")
            let question = try await chat.says(after: asked, "are you sure") { $0.text.contains("(1)") }
            try await chat.press("No", under: question.id)
            _ = try await chat.becomes(question.id, "nothing was erased") {
                $0.text.contains("Nothing was erased")
            }
            #expect(try await coach.ledger.notes().count == 1)

            let again = try await chat.say("/delete")
            let sure = try await chat.says(after: again, "are you sure") {
                $0.text.contains("can't be undone")
            }
            try await chat.press("Yes", under: sure.id)
            _ = try await chat.becomes(sure.id, "erased") { $0.text.contains("Everything is erased") }
            try await eventually("nothing is left of the person") {
                try await Traces.of("\(chat.id)", in: coach).filter { $0.hasPrefix("table") } == []
            }
            let traces = try await Traces.of(Self.canary, in: coach)
            #expect(traces == [])
        }
    }

    /// For looking at: `KEEP_PICTURES=DIR` writes what people saw there.
    private func keep(_ file: Chat.Received, as name: String) throws {
        guard let place = ProcessInfo.processInfo.environment["KEEP_PICTURES"] else { return }
        try Data(file.bytes).write(to: URL(filePath: place).appending(path: name))
    }
}
