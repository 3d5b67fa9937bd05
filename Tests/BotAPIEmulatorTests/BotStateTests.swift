import Testing

@testable import BotAPIEmulator

@Suite struct BotStateTests {
    private static let start = ContinuousClock.now
    private let user = EmulatedUser(id: 5)

    private func moment(_ seconds: Int64 = 0) -> BotState.Moment {
        BotState.Moment(date: 1_800_000_000 + seconds, instant: Self.start + .seconds(seconds))
    }

    /// A bot to which the user has spoken.
    private func state() throws -> BotState {
        var state = BotState(botID: 1000, username: "coach", firstUpdateID: 1)
        _ = try state.perform(.text("/start"), by: user, at: moment())
        return state
    }

    private func call(
        _ state: inout BotState, _ method: String, _ parameters: [String: JSONValue], at seconds: Int64 = 0
    )
        -> APIAnswer
    {
        state.answer(APICall(method: method, parameters: parameters), at: moment(seconds))
    }

    private func description(_ answer: APIAnswer) -> String? {
        if case .failure(let refusal) = answer { refusal.description } else { nil }
    }

    @Test func `nobody can be written to who has not spoken`() throws {
        var state = try state()
        #expect(
            description(call(&state, "sendMessage", ["chat_id": 6, "text": "x"]))
                == "Bad Request: chat not found")
        #expect(description(call(&state, "sendMessage", ["text": "x"])) == "Bad Request: chat_id is empty")
    }

    @Test func `a user who blocked the bot hears nothing and the bot is told`() throws {
        var state = try state()
        _ = try state.perform(.block, by: user, at: moment())
        let answer = call(&state, "sendMessage", ["chat_id": 5, "text": "x"])
        #expect(answer.status == 403)
        #expect(description(answer) == "Forbidden: bot was blocked by the user")
        #expect(state.updates.pending.last?.body["my_chat_member"]?["new_chat_member"]?["status"] == "kicked")
        _ = try state.perform(.unblock, by: user, at: moment())
        #expect(call(&state, "sendMessage", ["chat_id": 5, "text": "x"]).status == 200)
    }

    @Test func `an edit needs a message of the bot and a difference`() throws {
        var state = try state()
        let sent = try call(&state, "sendMessage", ["chat_id": 5, "text": "one"]).get()
        let id = try #require(sent["message_id"])
        func edit(_ id: JSONValue, _ text: JSONValue) -> APIAnswer {
            call(&state, "editMessageText", ["chat_id": 5, "message_id": id, "text": text])
        }
        #expect(description(edit(id, "one"))?.hasPrefix("Bad Request: message is not modified") == true)
        #expect(try edit(id, "two").get()["text"] == "two")
        #expect(description(edit(id, " two "))?.hasPrefix("Bad Request: message is not modified") == true)
        #expect(description(edit(1, "x")) == "Bad Request: message can't be edited")
        #expect(description(edit(99, "x")) == "Bad Request: message to edit not found")
    }

    @Test func `what is deleted is gone, what is old stays`() throws {
        var state = try state()
        let id = try #require(
            try call(&state, "sendMessage", ["chat_id": 5, "text": "x"]).get()["message_id"])
        let old = call(&state, "deleteMessage", ["chat_id": 5, "message_id": id], at: 48 * 3600)
        #expect(description(old) == "Bad Request: message can't be deleted for everyone")
        #expect(call(&state, "deleteMessage", ["chat_id": 5, "message_id": id]).status == 200)
        let again = call(&state, "deleteMessage", ["chat_id": 5, "message_id": id])
        #expect(description(again) == "Bad Request: message to delete not found")
    }

    @Test func `an answer to a message that is gone is sent only where that is allowed`() throws {
        var state = try state()
        let strict: JSONValue = ["message_id": 99]
        let lenient: JSONValue = ["message_id": 99, "allow_sending_without_reply": true]
        let refused = call(&state, "sendMessage", ["chat_id": 5, "text": "x", "reply_parameters": strict])
        #expect(description(refused) == "Bad Request: message to be replied not found")
        let sent = try call(&state, "sendMessage", ["chat_id": 5, "text": "x", "reply_parameters": lenient])
            .get()
        #expect(sent["reply_to_message"] == nil)
        let answer = try call(
            &state, "sendMessage", ["chat_id": 5, "text": "x", "reply_parameters": ["message_id": 1]]
        ).get()
        #expect(answer["reply_to_message"]?["text"] == "/start")
    }

    @Test func `files above 20 MiB are not given out, exactly 20 MiB are`() throws {
        var state = try state()
        for (size, isGiven) in [(20 << 20, true), (20 << 20 + 1, false), ((20 << 20) + 1, false)]
            as [(Int64, Bool)]
        {
            _ = try state.perform(.file(.init(bytes: [1], declaredSize: size)), by: user, at: moment())
            let id = try #require(state.updates.pending.last?.body["message"]?["voice"]?["file_id"])
            let answer = call(&state, "getFile", ["file_id": id])
            #expect((answer.status == 200) == isGiven)
            if !isGiven { #expect(description(answer) == "Bad Request: file is too big") }
        }
        #expect(description(call(&state, "getFile", ["file_id": "no"])) == "Bad Request: invalid file_id")
    }

    @Test func `a voice is refused where the user wants none, and known files can be sent again`() throws {
        var state = try state()
        let upload = APICall(
            method: "sendVoice", parameters: ["chat_id": 5, "duration": 3],
            uploads: ["voice": .init(filename: "r.ogg", contentType: "audio/ogg", bytes: [1, 2])])
        let sent = try state.answer(upload, at: moment()).get()
        let id = try #require(sent["voice"]?["file_id"])
        #expect(sent["voice"]?["duration"] == 3)
        #expect(call(&state, "sendVoice", ["chat_id": 5, "voice": id]).status == 200)
        _ = try state.perform(.refuseVoice, by: user, at: moment())
        #expect(description(state.answer(upload, at: moment())) == "Bad Request: VOICE_MESSAGES_FORBIDDEN")
    }

    @Test func `a press can be answered once and soon`() throws {
        var state = try state()
        let markup: JSONValue = ["inline_keyboard": [[["text": "Again", "callback_data": "again"]]]]
        let sent = try call(&state, "sendMessage", ["chat_id": 5, "text": "x", "reply_markup": markup]).get()
        let id = try #require(sent["message_id"]?.integer)
        func press() throws -> JSONValue {
            _ = try state.perform(.press(messageID: id, data: "again"), by: user, at: moment())
            return try #require(state.updates.pending.last?.body["callback_query"]?["id"])
        }
        let query = try press()
        #expect(call(&state, "answerCallbackQuery", ["callback_query_id": query]).status == 200)
        let twice = call(&state, "answerCallbackQuery", ["callback_query_id": query])
        #expect(description(twice)?.hasPrefix("Bad Request: query is too old") == true)
        let late = call(&state, "answerCallbackQuery", ["callback_query_id": try press()], at: 16)
        #expect(description(late)?.hasPrefix("Bad Request: query is too old") == true)
        #expect(throws: Refusal.self) {
            try state.perform(.press(messageID: id, data: "other"), by: user, at: moment())
        }
    }

    @Test func `only wanted kinds of updates are kept`() throws {
        var state = try state()
        state.updates.dropAll()
        _ = call(&state, "setWebhook", ["url": "http://127.0.0.1/x", "allowed_updates": ["callback_query"]])
        #expect(try state.perform(.text("x"), by: user, at: moment()).updateID == nil)
        #expect(state.updates.pending.isEmpty)
    }

    @Test func `a webhook is checked, limited in pace and shown`() throws {
        var state = try state()
        func set(_ url: JSONValue, secret: String = "s", at seconds: Int64) -> APIAnswer {
            call(&state, "setWebhook", ["url": url, "secret_token": .string(secret)], at: seconds)
        }
        #expect(description(set("nonsense", at: 0)) == "Bad Request: invalid webhook URL specified")
        #expect(
            description(set("https://x.y/z", secret: "a b", at: 10))
                == "Bad Request: secret token contains unallowed characters")
        #expect(set("https://x.y/z", at: 20).status == 200)
        let hasty = set("https://x.y/z", at: 20)
        #expect(hasty.status == 429)
        #expect(hasty.envelope["parameters"]?["retry_after"] == 1)
        let info = try call(&state, "getWebhookInfo", [:]).get()
        #expect(info["url"] == "https://x.y/z")
        #expect(info["pending_update_count"] == 1)
        #expect(call(&state, "deleteWebhook", ["drop_pending_updates": true]).status == 200)
        #expect(try call(&state, "getWebhookInfo", [:]).get()["url"] == "")
        #expect(state.updates.pending.isEmpty)
    }

    @Test func `reactions, actions and commands are checked`() throws {
        var state = try state()
        func react(_ emoji: String) -> APIAnswer {
            call(
                &state, "setMessageReaction",
                ["chat_id": 5, "message_id": 1, "reaction": [["type": "emoji", "emoji": .string(emoji)]]])
        }
        #expect(react("👀").status == 200)
        #expect(react("❤️").status == 200)
        #expect(description(react("🥦")) == "Bad Request: REACTION_INVALID")
        #expect(call(&state, "sendChatAction", ["chat_id": 5, "action": "typing"]).status == 200)
        #expect(call(&state, "sendChatAction", ["chat_id": 5, "action": "dancing"]).status == 400)
        #expect(
            call(&state, "setMyCommands", ["commands": [["command": "help", "description": "Help"]]]).status
                == 200)
        #expect(
            description(
                call(&state, "setMyCommands", ["commands": [["command": "Help", "description": "H"]]]))
                == "Bad Request: BOT_COMMAND_INVALID")
    }

    @Test func `methods are found whatever their case, others are not`() throws {
        var state = try state()
        #expect(call(&state, "GETME", [:]).status == 200)
        #expect(description(call(&state, "sendTelepathy", [:])) == "Not Found: method not found")
    }
}
