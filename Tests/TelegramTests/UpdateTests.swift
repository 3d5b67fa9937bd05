import Foundation
import Telegram
import Testing

@Suite struct UpdateTests {
    private func update(_ json: String) throws -> Update { try Update(json: Data(json.utf8)) }

    @Test func `a voice note is read with all that it declares`() throws {
        let update = try update(
            """
            {"update_id": 700000001, "message": {
              "message_id": 42, "date": 1763700000, "message_thread_id": 9,
              "from": {"id": 5123456789, "is_bot": false, "first_name": "Ada", "username": "ada",
                       "language_code": "pt-br", "is_premium": true},
              "chat": {"id": 5123456789, "first_name": "Ada", "type": "private"},
              "reply_to_message": {"message_id": 41, "chat": {"id": 5123456789}},
              "voice": {"duration": 7, "mime_type": "audio/ogg", "file_id": "AwACAgIAAx",
                        "file_unique_id": "AgADcQAD", "file_size": 5000000000}}}
            """)
        #expect(update.id == 700_000_001)
        guard case .message(let message) = update.content else {
            Issue.record("\(update)")
            return
        }
        #expect(message.id == 42)
        #expect(message.date == 1_763_700_000)
        #expect(message.threadID == 9)
        #expect(message.replyToMessageID == 41)
        #expect(message.chat == Chat(id: 5_123_456_789, kind: .private))
        #expect(message.from?.languageCode == "pt-br")
        #expect(message.from?.firstName == "Ada")
        #expect(
            message.file
                == MessageFile(
                    kind: .voice, fileID: "AwACAgIAAx", fileUniqueID: "AgADcQAD", fileSize: 5_000_000_000,
                    duration: 7, mimeType: "audio/ogg"))
    }

    @Test(arguments: [
        ("audio", MessageFile.Kind.audio), ("video_note", .videoNote), ("video", .video),
        ("document", .document),
        ("animation", .animation),
    ])
    func `every kind of file is recognized`(name: String, kind: MessageFile.Kind) throws {
        let update = try update(
            """
            {"update_id":1,"message":{"message_id":2,"chat":{"id":3},
             "\(name)":{"file_id":"F","file_name":"talk.m4a","mime_type":"audio/mp4"}}}
            """)
        guard case .message(let message) = update.content else {
            Issue.record("\(update)")
            return
        }
        #expect(message.file?.kind == kind)
        #expect(message.file?.fileName == "talk.m4a")
        #expect(message.file?.duration == nil)
    }

    @Test func `a silent film is no document, although Telegram repeats it as one`() throws {
        let update = try update(
            """
            {"update_id":1,"message":{"message_id":2,"chat":{"id":3},
             "animation":{"file_id":"A"},"document":{"file_id":"A"}}}
            """)
        guard case .message(let message) = update.content else {
            Issue.record("\(update)")
            return
        }
        #expect(message.file?.kind == .animation)
    }

    @Test func `optional fields of a wrong type read as absent`() throws {
        let update = try update(
            """
            {"update_id":1,"message":{"message_id":2,"chat":{"id":-1001234567890123,"type":"planet"},
             "from":{"id":"not a number"},"date":"yesterday","text":17,"caption":[],"entities":{"a":1},
             "reply_to_message":"none","message_thread_id":true,
             "voice":{"file_id":"F","duration":"7","file_size":-1.5,"mime_type":null}}}
            """)
        guard case .message(let message) = update.content else {
            Issue.record("\(update)")
            return
        }
        #expect(message.chat == Chat(id: -1_001_234_567_890_123, kind: nil))
        #expect(message.from == nil)
        #expect(message.date == nil)
        #expect(message.text == nil)
        #expect(message.entities.isEmpty)
        #expect(message.replyToMessageID == nil)
        #expect(message.file == MessageFile(kind: .voice, fileID: "F"))
    }

    @Test func `one odd entity does not cost the others`() throws {
        let update = try update(
            """
            {"update_id":1,"message":{"message_id":2,"chat":{"id":3},"text":"/start x","entities":[
             {"type":"bot_command","offset":0,"length":6},{"type":"bold"},7,{"type":"url","offset":7,"length":1}]}}
            """)
        guard case .message(let message) = update.content else {
            Issue.record("\(update)")
            return
        }
        #expect(message.entities.map(\.type) == ["bot_command", "url"])
    }

    @Test func `edits, button presses and blocks are told apart`() throws {
        guard
            case .editedMessage(let edited) = try update(
                #"{"update_id":1,"edited_message":{"message_id":2,"chat":{"id":3},"text":"x"}}"#
            ).content
        else {
            Issue.record("no edit")
            return
        }
        #expect(edited.text == "x")
        guard
            case .callbackQuery(let query) = try update(
                """
                {"update_id":1,"callback_query":{"id":"99","from":{"id":5},"data":"again:7",
                 "message":{"message_id":2,"chat":{"id":3},"date":0}}}
                """
            ).content
        else {
            Issue.record("no press")
            return
        }
        #expect(query.id == "99")
        #expect(query.data == "again:7")
        #expect(query.message?.date == 0)
        guard
            case .myChatMember(let change) = try update(
                """
                {"update_id":1,"my_chat_member":{"chat":{"id":5,"type":"private"},"from":{"id":5},"date":1,
                 "old_chat_member":{"status":"member"},"new_chat_member":{"status":"kicked","until_date":0}}}
                """
            ).content
        else {
            Issue.record("no change")
            return
        }
        #expect(change.status == .kicked)
    }

    @Test(arguments: [
        (#"{"update_id":1,"poll":{"id":"1"}}"#, "poll"), (#"{"update_id":1}"#, "none"),
        (#"{"update_id":1,"message":{"text":"no ids"}}"#, "message"),
        (#"{"update_id":1,"message":null}"#, "message"),
        (#"{"update_id":1,"callback_query":{"id":7}}"#, "callback_query"),
        (#"{"update_id":1,"something_of_2031":{"deep":[1,{"x":null}]}}"#, "something_of_2031"),
    ])
    func `what is unknown or incomplete is of no interest, not an error`(json: String, kind: String) throws {
        #expect(try update(json) == Update(id: 1, content: .other(kind: kind)))
    }

    @Test func `a very long unknown kind is cut`() throws {
        let update = try update(#"{"update_id":1,"\#(String(repeating: "k", count: 5000))":1}"#)
        #expect(update.content == .other(kind: String(repeating: "k", count: 64)))
    }

    @Test(arguments: [
        "", "hello", "[]", "null", "{}", #"{"update_id":"1"}"#, #"{"update_id":1"#, "{\"update_id\":\u{0}}",
    ])
    func `what has no update id cannot be read`(json: String) {
        #expect(throws: DecodingError.self) { try update(json) }
    }

    @Test func `deep nesting is skipped or refused, never fatal`() throws {
        func nested(_ depth: Int) -> String {
            #"{"update_id":1,"x":"# + String(repeating: "[", count: depth)
                + String(repeating: "]", count: depth) + "}"
        }
        #expect(try update(nested(400)).id == 1)
        #expect(throws: DecodingError.self) { try update(nested(200_000)) }
    }

    @Test func `messages that quote each other are read without recursion`() throws {
        var message = #"{"message_id":1,"chat":{"id":3}}"#
        for id in 2...200 {
            message = #"{"message_id":\#(id),"chat":{"id":3},"reply_to_message":\#(message)}"#
        }
        guard case .message(let outer) = try update(#"{"update_id":1,"message":\#(message)}"#).content else {
            Issue.record("not read")
            return
        }
        #expect(outer.replyToMessageID == 199)
    }

    @Test(arguments: [
        ("/start", "start", ""), ("/Help@CoachBot please", "help", "please"),
        ("/start ref-1 b", "start", "ref-1 b"),
        ("/start\nx", "start", "x"),
    ])
    func `commands are recognized`(text: String, name: String, argument: String) {
        let command = Message(id: 1, chat: Chat(id: 1), text: text).command
        #expect(command?.name == name)
        #expect(command?.argument == argument)
    }

    @Test(arguments: ["", "start", "/", "/@bot", " /start", "/ x"])
    func `other texts are no commands`(text: String) {
        #expect(Message(id: 1, chat: Chat(id: 1), text: text).command == nil)
    }
}
