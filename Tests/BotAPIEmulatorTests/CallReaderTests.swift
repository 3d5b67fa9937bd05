import Testing

@testable import BotAPIEmulator

@Suite struct CallReaderTests {
    private func read(_ query: String, _ contentType: String?, _ body: String) throws(Refusal) -> APICall {
        try CallReader.read(method: "m", query: query, contentType: contentType, body: Array(body.utf8))
    }

    @Test func `query, form and JSON say the same`() throws {
        for call in [
            try read("chat_id=5&text=a%26b+c", nil, ""),
            try read("", "application/x-www-form-urlencoded", "chat_id=5&text=a%26b+c"),
            try read("", "application/json; charset=utf-8", #"{"chat_id":5,"text":"a&b c"}"#),
            try read("chat_id=5", "application/json", #"{"text":"a&b c"}"#),
        ] {
            #expect(call.integer("chat_id") == 5)
            #expect(call.text("text") == "a&b c")
            #expect(call.text("absent") == "")
        }
    }

    @Test func `multipart brings fields and files`() throws {
        let body = """
            --B\r
            Content-Disposition: form-data; name="chat_id"\r
            \r
            5\r
            --B\r
            Content-Type: audio/ogg\r
            Content-Disposition: form-data; name="voice"; filename="a\\"b.ogg"\r
            \r
            Ogg\r\n\r\n--Bx\r
            --B\r
            content-disposition: form-data; name="empty"\r
            \r
            \r
            --B--\r\n
            """
        let call = try read("", "multipart/form-data; boundary=\"B\"", body.replacing("--Bx", with: "--Cx"))
        #expect(call.integer("chat_id") == 5)
        #expect(call.text("empty") == "")
        #expect(call.uploads["voice"]?.filename == "a\"b.ogg")
        #expect(call.uploads["voice"]?.contentType == "audio/ogg")
        #expect(call.uploads["voice"]?.bytes == Array("Ogg\r\n\r\n--Cx".utf8))
    }

    @Test(arguments: [
        ("application/json", "{", 400), ("application/json", "[]", 400), ("text/plain", "x", 415),
        ("multipart/form-data", "x", 400), ("multipart/form-data; boundary=B", "--B\r\n", 400),
        ("multipart/form-data; boundary=B", "--B\r\nX: y\r\n\r\n\r\n--B--", 400),
        ("application/json", #"{"text":"\#(String(repeating: "x", count: 1 << 20))"}"#, 413),
    ])
    func `a body that cannot be read is refused`(contentType: String, body: String, code: Int) {
        let error = #expect(throws: Refusal.self) { try read("", contentType, body) }
        #expect(error?.code == code)
    }
}
