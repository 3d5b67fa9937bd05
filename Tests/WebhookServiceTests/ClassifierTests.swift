import CoachDomain
import CoachStore
import Conversation
import Foundation
import Telegram
import Testing
import WebhookService

struct ClassifierTests {
    let classifier: UpdateClassifier

    init() throws { classifier = UpdateClassifier(phrasebooks: try Phrasebooks()) }

    private func verdict(_ message: String, chat: String = "private", from: String? = nil) throws
        -> UpdateClassifier.Verdict
    {
        let person = from ?? #"{"id": 5, "is_bot": false, "language_code": "de"}"#
        let json = """
            {"update_id": 9, "message": {"message_id": 3, "chat": {"id": 5, "type": "\(chat)"},
             "from": \(person), \(message)}}
            """
        return classifier.verdict(on: try Update(json: Data(json.utf8)))
    }

    private func note(_ verdict: UpdateClassifier.Verdict) -> IncomingNote? {
        if case .take(.note(let note)) = verdict { note } else { nil }
    }

    private func answer(_ verdict: UpdateClassifier.Verdict) -> String? {
        if case .take(.question(let question)) = verdict { question.answer.text } else { nil }
    }

    @Test(arguments: [
        (#""voice": {"file_id": "a"}"#, IncomingNote.Kind.voice),
        (#""audio": {"file_id": "a"}"#, .audio),
        (#""video_note": {"file_id": "a"}"#, .videoNote),
        (#""video": {"file_id": "a"}"#, .video),
        (#""document": {"file_id": "a", "mime_type": "audio/x-m4a"}"#, .document),
        (
            #""document": {"file_id": "a", "mime_type": "application/octet-stream", "file_name": "N.OPUS"}"#,
            .document
        ),
        (#""document": {"file_id": "a"}"#, .document),
    ])
    func `whatever may hold speech is taken`(message: String, kind: IncomingNote.Kind) throws {
        let taken = try #require(note(try verdict(message)))
        #expect(taken.kind == kind && taken.updateID == 9 && taken.messageID == 3 && taken.userID == 5)
        #expect(taken.languageCode == "de")
    }

    @Test func `what the sender declares is kept, and nothing is invented`() throws {
        let full = try #require(
            note(
                try verdict(
                    #""voice": {"file_id": "a", "file_unique_id": "u", "duration": 7, "file_size": 99, "mime_type": "audio/ogg"}"#
                )))
        #expect(full.declaredSeconds == 7 && full.fileBytes == 99 && full.mimeType == "audio/ogg")
        let bare = try #require(note(try verdict(#""voice": {"file_id": "a", "duration": "soon"}"#)))
        #expect(bare.declaredSeconds == nil && bare.fileBytes == nil && bare.mimeType == nil)
    }

    @Test(arguments: [
        #""document": {"file_id": "a", "mime_type": "application/pdf", "file_name": "cv.pdf"}"#,
        #""sticker": {"file_id": "a"}"#, #""animation": {"file_id": "a"}, "document": {"file_id": "a"}"#,
        #""photo": []"#,
    ])
    func `other kinds are told what would help`(message: String) throws {
        #expect(try #require(answer(try verdict(message))).contains("voice note"))
    }

    @Test func `commands and texts are answered`() throws {
        #expect(try #require(answer(try verdict(#""text": "/start""#))).contains("speak better"))
        #expect(try #require(answer(try verdict(#""text": "/help@coach_bot""#))).contains("How it works"))
        #expect(try #require(answer(try verdict(#""text": "/dance""#))).contains("don't know that command"))
        #expect(try #require(answer(try verdict(#""text": "hello""#))).contains("spoken words"))
    }

    @Test func `in a group only commands are answered and voices heard`() throws {
        #expect(try verdict(#""text": "hello""#, chat: "group") == .ignore(.groupChatter))
        #expect(try verdict(#""text": "/dance""#, chat: "supergroup") == .ignore(.groupChatter))
        #expect(answer(try verdict(#""text": "/help""#, chat: "group")) != nil)
        #expect(note(try verdict(#""voice": {"file_id": "a"}"#, chat: "group")) != nil)
    }

    @Test func `other bots are not spoken to`() throws {
        let bot = #"{"id": 6, "is_bot": true}"#
        #expect(try verdict(#""voice": {"file_id": "a"}"#, from: bot) == .ignore(.fromBot))
    }

    @Test(arguments: [
        (#"{"update_id": 1}"#, UpdateClassifier.Ignorable.unknownKind),
        (#"{"update_id": 1, "chat_boost": {"x": 1}}"#, .unknownKind),
        (#"{"update_id": 1, "message": {"text": "no ids"}}"#, .unknownKind),
        (#"{"update_id": 1, "edited_message": {"message_id": 2, "chat": {"id": 3}}}"#, .edited),
    ])
    func `updates of no interest lead to nothing`(json: String, why: UpdateClassifier.Ignorable) throws {
        #expect(classifier.verdict(on: try Update(json: Data(json.utf8))) == .ignore(why))
    }

    @Test func `text that Postgres cannot hold loses only what it cannot hold`() throws {
        let taken = try #require(note(try verdict(#""voice": {"file_id": "a\u0000b"}"#)))
        #expect(taken.fileID == "ab")
    }
}

struct ConstantTimeTests {
    @Test(arguments: [
        ("secret", true), ("secres", false), ("secre", false), ("secretsecret", false), ("", false),
        ("xsecret", false),
    ])
    func `only the whole secret is equal`(given: String, isEqual: Bool) {
        #expect(ConstantTime.equal(Array(given.utf8), Array("secret".utf8)) == isEqual)
    }

    @Test func `an empty secret equals nothing`() {
        #expect(!ConstantTime.equal([], []))
    }
}
