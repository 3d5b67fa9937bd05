import Testing

@testable import BotAPIEmulator

@Suite struct TextRulesTests {
    private func check(_ text: String, _ entities: JSONValue? = nil, isCaption: Bool = false) throws(Refusal)
        -> TextRules.Text
    {
        var parameters: [String: JSONValue] = [isCaption ? "caption" : "text": .string(text)]
        parameters[isCaption ? "caption_entities" : "entities"] = entities
        return try TextRules.check(APICall(method: "", parameters: parameters), isCaption: isCaption)
    }

    private func refusal(_ text: String, _ entities: JSONValue? = nil) -> String? {
        do throws(Refusal) {
            _ = try check(text, entities)
            return nil
        } catch {
            return error.description
        }
    }

    @Test func `4096 code points are a message, one more is not`() throws {
        #expect(try check(String(repeating: "é", count: 4096)).text.count == 4096)
        #expect(refusal(String(repeating: "é", count: 4097)) == "Bad Request: message is too long")
        #expect(refusal(String(repeating: "x", count: 40_000)) == "Bad Request: Text is too long")
    }

    @Test func `captions may be empty and end at 1024`() throws {
        #expect(try check("", isCaption: true).text.isEmpty)
        #expect(throws: Refusal.badRequest("message caption is too long")) {
            try check(String(repeating: "x", count: 1025), isCaption: true)
        }
    }

    @Test(arguments: ["", "   ", "\n\n"])
    func `nothing but white space is no message`(text: String) {
        #expect(refusal(text) == "Bad Request: message text is empty")
    }

    @Test func `white space around is dropped and the entities move along`() throws {
        let checked = try check(
            "  hello world \n",
            [["type": "bold", "offset": 2, "length": 5], ["type": "code", "offset": 8, "length": 7]])
        #expect(checked.text == "hello world")
        #expect(
            checked.entities == [
                ["type": "bold", "offset": 0, "length": 5], ["type": "code", "offset": 6, "length": 5],
            ])
    }

    @Test(arguments: [
        (#"{"type":"bold","offset":0,"length":6}"#, "ends after the end of the text"),
        (#"{"type":"bold","offset":-1,"length":1}"#, "incorrect offset"),
        (#"{"type":"bold","offset":0,"length":-1}"#, "incorrect length"),
        (#"{"type":"shiny","offset":0,"length":1}"#, "Unsupported type specified"),
        (#"{"type":"bold","offset":0}"#, "Can't parse MessageEntity"),
        (#""bold""#, "Can't parse MessageEntity"),
        (#"{"type":"bold","offset":0,"length":1}"#, "ends in a middle of a UTF-16 symbol"),
        (#"{"type":"text_link","offset":0,"length":2}"#, "Can't parse MessageEntity"),
    ])
    func `a bad entity spoils the message`(entity: String, reason: String) {
        #expect(refusal("😀abc", .string("[\(entity)]"))?.contains(reason) == true)
    }

    @Test func `entities that Telegram finds by itself are ignored`() throws {
        #expect(try check("see @bob", [["type": "mention", "offset": 4, "length": 4]]).entities.isEmpty)
    }

    @Test func `entities may come as text that holds JSON`() throws {
        #expect(try check("abc", #"[{"type":"bold","offset":0,"length":3}]"#).entities.count == 1)
        #expect(refusal("abc", "[{")?.hasPrefix("Bad Request: can't parse") == true)
    }

    private func keyboard(_ button: JSONValue) throws(Refusal) -> JSONValue? {
        try KeyboardRules.check(
            APICall(method: "", parameters: ["reply_markup": ["inline_keyboard": [[button]]]]))
    }

    @Test func `a button carries 1 to 64 bytes`() throws {
        let data = String(repeating: "é", count: 32)
        #expect(try keyboard(["text": "x", "callback_data": .string(data)]) != nil)
        for bad in ["", data + "x"] {
            #expect(throws: Refusal.badRequest("BUTTON_DATA_INVALID")) {
                try keyboard(["text": "x", "callback_data": .string(bad)])
            }
        }
        #expect(throws: Refusal.self) { try keyboard(["text": "", "callback_data": "x"]) }
        #expect(throws: Refusal.self) { try keyboard(["text": "x"]) }
    }
}
