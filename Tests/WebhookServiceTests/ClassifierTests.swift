import CoachDomain
import CoachStore
import Foundation
import Telegram
import Testing
import WebhookService

struct ClassifierTests {
    let classifier = UpdateClassifier()

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

    private func request(_ verdict: UpdateClassifier.Verdict) -> SpeakerRequest? {
        if case .take(.request(let request)) = verdict { request.body } else { nil }
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
        #expect(request(try verdict(message)) == .tell(.unsupported))
    }

    @Test func `commands and texts are answered`() throws {
        #expect(request(try verdict(#""text": "/start""#)) == .tell(.start))
        #expect(request(try verdict(#""text": "/help@coach_bot""#)) == .tell(.help))
        #expect(request(try verdict(#""text": "/settings now""#)) == .settings(.overview))
        #expect(request(try verdict(#""text": "/delete""#)) == .erase(.ask))
        #expect(request(try verdict(#""text": "/dance""#)) == .tell(.unknownCommand))
        #expect(request(try verdict(#""text": "hello""#)) == .tell(.text))
    }

    private func press(
        _ data: String, message: String = #"{"message_id": 8, "chat": {"id": 5, "type": "private"}}"#
    )
        throws -> UpdateClassifier.Verdict
    {
        let json = """
            {"update_id": 9, "callback_query": {"id": "77", "from": {"id": 5, "language_code": "de"},
             "message": \(message), "data": "\(data)"}}
            """
        return classifier.verdict(on: try Update(json: Data(json.utf8)))
    }

    @Test func `a pressed button asks what it says, under the message where it is`() throws {
        guard case .take(.request(let request)) = try press("note:12:tips") else {
            Issue.record("not taken")
            return
        }
        #expect(request.body == .note(NoteID(12), .tips))
        #expect(request.callbackQueryID == "77" && request.messageID == 8 && request.userID == 5)
        #expect(request.languageCode == "de")
    }

    @Test(arguments: ["", "dance", "note:12", "note:-1:tips", "note:12:dance", "set:clock:100000", "a:b:c:d"])
    func `a button of another program asks nothing`(data: String) throws {
        #expect(try press(data) == .ignore(.foreignButton))
    }

    @Test func `a button under a message that is gone asks nothing`() throws {
        #expect(try press("progress", message: "null") == .ignore(.foreignButton))
    }

    @Test func `in a group only commands are answered and voices heard`() throws {
        #expect(try verdict(#""text": "hello""#, chat: "group") == .ignore(.groupChatter))
        #expect(try verdict(#""text": "/dance""#, chat: "supergroup") == .ignore(.groupChatter))
        #expect(request(try verdict(#""text": "/help""#, chat: "group")) == .tell(.help))
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
