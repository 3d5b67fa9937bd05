import CoachDomain
import Foundation
import HTTPTransport
import LoopbackHTTP
import Synchronization
import Telegram
import Testing

@Suite struct TelegramClientTests {
    static let token = "123456:TEST-token_xyz"

    @Test func `a message is sent as plain text with entities and without previews`() async throws {
        let api = try FakeAPI { _ in .ok(#"{"message_id":77,"chat":{"id":5},"date":1}"#) }
        var text = RichText()
        text.append("Well done", .bold)
        let message = try await api.client.sendMessage(
            chatID: 5, text, replyingTo: 4,
            keyboard: InlineKeyboard([
                [.init("Again", .callback("again")), .init("Site", .url("https://x.y"))]
            ]),
            silently: true)
        #expect(message.id == 77)
        let request = try #require(api.requests.first)
        #expect(request.method == "POST")
        #expect(request.target == "/bot\(Self.token)/sendMessage")
        #expect(request["content-type"] == "application/json")
        try expectJSON(
            request.body,
            """
            {"chat_id":5,"text":"Well done","entities":[{"type":"bold","offset":0,"length":9}],
             "link_preview_options":{"is_disabled":true},"disable_notification":true,
             "reply_parameters":{"message_id":4,"allow_sending_without_reply":true},
             "reply_markup":{"inline_keyboard":[[{"text":"Again","callback_data":"again"},
                                                 {"text":"Site","url":"https://x.y"}]]}}
            """)
    }

    @Test func `each method sends what the Bot API documents`() async throws {
        let api = try FakeAPI { _ in .ok("true") }
        let client = api.client
        try await client.editMessageText(chatID: -100, messageID: 2, RichText(text: "x"))
        try await client.deleteMessage(chatID: 1, messageID: 2)
        try await client.sendChatAction(chatID: 1, .typing)
        try await client.setMessageReaction(chatID: 1, messageID: 2, emoji: "👀")
        try await client.setMessageReaction(chatID: 1, messageID: 2, emoji: nil)
        try await client.answerCallbackQuery("9", text: "ok", showsAlert: true)
        try await client.setWebhook(.init(url: "https://a.b/c", secret: "s", maximumConnections: 20))
        try await client.deleteWebhook()
        try await client.setMyCommands([.init(command: "help", description: "Help")], languageCode: "de")
        let expected = [
            (
                "editMessageText",
                #"{"chat_id":-100,"message_id":2,"text":"x","link_preview_options":{"is_disabled":true}}"#
            ),
            ("deleteMessage", #"{"chat_id":1,"message_id":2}"#),
            ("sendChatAction", #"{"chat_id":1,"action":"typing"}"#),
            (
                "setMessageReaction",
                #"{"chat_id":1,"message_id":2,"reaction":[{"type":"emoji","emoji":"👀"}]}"#
            ),
            ("setMessageReaction", #"{"chat_id":1,"message_id":2,"reaction":[]}"#),
            ("answerCallbackQuery", #"{"callback_query_id":"9","text":"ok","show_alert":true}"#),
            (
                "setWebhook",
                """
                {"url":"https://a.b/c","secret_token":"s","max_connections":20,"drop_pending_updates":false,
                 "allowed_updates":["message","edited_message","callback_query","my_chat_member"]}
                """
            ), ("deleteWebhook", #"{"drop_pending_updates":false}"#),
            (
                "setMyCommands",
                #"{"commands":[{"command":"help","description":"Help"}],"language_code":"de"}"#
            ),
        ]
        for (request, (method, body)) in zip(api.requests, expected) {
            #expect(request.target == "/bot\(Self.token)/\(method)")
            try expectJSON(request.body, body)
        }
        #expect(api.requests.count == expected.count)
    }

    @Test func `a voice goes up as multipart`() async throws {
        let api = try FakeAPI { _ in .ok(#"{"message_id":8,"chat":{"id":5}}"#) }
        var caption = RichText()
        caption.append("Listen", .italic)
        let message = try await api.client.sendVoice(
            chatID: 5, .bytes(Array("OggS".utf8), filename: "reply.ogg", contentType: "audio/ogg"),
            caption: caption,
            seconds: 3, replyingTo: 7)
        #expect(message.id == 8)
        let request = try #require(api.requests.first)
        #expect(request["content-type"]?.hasPrefix("multipart/form-data") == true)
        for part in [
            "name=\"chat_id\"\r\n\r\n5\r\n", "name=\"duration\"\r\n\r\n3\r\n",
            "name=\"caption\"\r\n\r\nListen\r\n",
            "name=\"voice\"; filename=\"reply.ogg\"\r\nContent-Type: audio/ogg\r\n\r\nOggS\r\n",
            "name=\"caption_entities\"\r\n\r\n[{", "\"allow_sending_without_reply\":true",
        ] {
            #expect(request.text.contains(part))
        }
    }

    @Test func `a file is asked for and fetched to the disk`() async throws {
        let content = String(repeating: "voice", count: 1000)
        let api = try FakeAPI { request in
            request.target.hasPrefix("/file/")
                ? .raw("200 OK", content)
                : .ok(#"{"file_id":"F","file_size":5000,"file_path":"voice/file 1.oga"}"#)
        }
        let path = NSTemporaryDirectory() + "telegram-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let file = try await api.client.getFile("F")
        #expect(file.path == "voice/file 1.oga")
        #expect(try await api.client.download(file, to: path) == 5000)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == content)
        #expect(api.requests.last?.target == "/file/bot\(Self.token)/voice/file%201.oga")
        #expect(api.requests.last?.method == "GET")
    }

    @Test func `a file can be read while it comes, with the errors of a download`() async throws {
        let content = String(repeating: "voice", count: 100_000)
        let api = try FakeAPI { request in
            if request.target.hasSuffix("/old") { return .raw("404 Not Found", "{}") }
            if request.target.hasSuffix("/ill") { return .raw("502 Bad Gateway", "<html>") }
            return .raw("200 OK", content)
        }
        let client = api.client
        let stream = try #require(try await client.stream(RemoteFile(id: "F", path: "voice/1.oga")))
        var bytes: [UInt8] = []
        for try await chunk in stream { bytes += chunk }
        #expect(bytes == Array(content.utf8))
        await #expect(throws: TelegramError.fileTooBig) {
            _ = try await client.stream(RemoteFile(id: "F", size: 20_971_521, path: "a"))
        }
        await #expect(throws: TelegramError.fileTooBig) {
            guard let stream = try await client.stream(RemoteFile(id: "F", path: "a"), maximumBytes: 9)
            else { return }
            for try await _ in stream {}
        }
        await #expect(throws: TelegramError.fileLinkExpired) {
            _ = try await client.stream(RemoteFile(id: "F", path: "old"))
        }
        await #expect(throws: TelegramError.serverUnavailable(status: 502)) {
            _ = try await client.stream(RemoteFile(id: "F", path: "ill"))
        }
        let onDisk = try await client.stream(RemoteFile(id: "F", path: "/shared/disk/file"))
        #expect(onDisk == nil)
    }

    @Test func `a download over the limit is refused before, or stopped`() async throws {
        let api = try FakeAPI { _ in .raw("200 OK", "0123456789") }
        let path = NSTemporaryDirectory() + "telegram-\(UUID().uuidString)"
        let client = api.client
        await #expect(throws: TelegramError.fileTooBig) {
            try await client.download(RemoteFile(id: "F", size: 20_971_521, path: "a"), to: path)
        }
        #expect(api.requests.isEmpty)
        await #expect(throws: TelegramError.fileTooBig) {
            try await client.download(RemoteFile(id: "F", path: "a"), to: path, maximumBytes: 9)
        }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func `a link that has expired is told from an outage`() async throws {
        let api = try FakeAPI { request in
            request.target.hasSuffix("/old")
                ? .raw("404 Not Found", #"{"ok":false,"error_code":404,"description":"Not Found"}"#)
                : .raw("502 Bad Gateway", "<html>")
        }
        let client = api.client
        let path = NSTemporaryDirectory() + "telegram-\(UUID().uuidString)"
        await #expect(throws: TelegramError.fileLinkExpired) {
            try await client.download(RemoteFile(id: "F", path: "old"), to: path)
        }
        await #expect(throws: TelegramError.serverUnavailable(status: 502)) {
            try await client.download(RemoteFile(id: "F", path: "new"), to: path)
        }
    }

    @Test func `a server of one's own may answer with a path on a shared disk, the public one may not`()
        async throws
    {
        let api = try FakeAPI { _ in .ok("true") }
        let (source, target) = (
            NSTemporaryDirectory() + UUID().uuidString, NSTemporaryDirectory() + UUID().uuidString
        )
        try Data("local".utf8).write(to: URL(fileURLWithPath: source))
        defer {
            try? FileManager.default.removeItem(atPath: source)
            try? FileManager.default.removeItem(atPath: target)
        }
        let file = RemoteFile(id: "F", path: source)
        #expect(try await api.client.download(file, to: target) == 5)
        #expect(try String(contentsOfFile: target, encoding: .utf8) == "local")
        let client = api.client
        await #expect(throws: TelegramError.fileTooBig) {
            try await client.download(file, to: target, maximumBytes: 4)
        }
        await #expect(throws: TelegramError.fileLinkExpired) {
            try await client.download(RemoteFile(id: "F", path: "/nonexistent/file"), to: target)
        }
        let endpoint = try #require(TelegramEndpoint(token: Self.token))
        let publicClient = TelegramClient(endpoint: endpoint, http: HTTPClient())
        await #expect(throws: TelegramError.unintelligibleAnswer) {
            try await publicClient.download(file, to: target)
        }
    }

    @Test func `polling waits longer than the server and skips what cannot be read`() async throws {
        let api = try FakeAPI { _ in
            .ok(
                #"[{"update_id":5,"poll":{}},{"no":"id"},{"update_id":6,"message":{"message_id":1,"chat":{"id":2}}}]"#
            )
        }
        let updates = try await api.client.getUpdates(offset: 5, limit: 10, wait: .seconds(25))
        #expect(updates.map(\.id) == [5, 6])
        try expectJSON(
            try #require(api.requests.first).body,
            """
            {"offset":5,"limit":10,"timeout":25,
             "allowed_updates":["message","edited_message","callback_query","my_chat_member"]}
            """)
    }

    @Test func `webhook information is read`() async throws {
        let api = try FakeAPI { _ in
            .ok(
                """
                {"url":"https://x/y","has_custom_certificate":false,"pending_update_count":3,"max_connections":40,
                 "ip_address":"1.2.3.4","last_error_date":1763700000,"last_error_message":"Connection refused",
                 "allowed_updates":["message"]}
                """)
        }
        let info = try await api.client.getWebhookInfo()
        #expect(info.url == "https://x/y")
        #expect(info.pendingUpdateCount == 3)
        #expect(info.lastErrorMessage == "Connection refused")
        #expect(info.allowedUpdates == ["message"])
    }

    @Test func `a send whose answer is lost has an unknown outcome and is not repeated`() async throws {
        let calls = Counter()
        let server = try LoopbackServer { connection in
            while let request = connection.readRequest() {
                guard request.target.hasSuffix("getMe") else {
                    calls.add()
                    return
                }
                connection.respond(body: #"{"ok":true,"result":{"id":1}}"#)
            }
        }
        let client = try FakeAPI.client(server.url)
        // The second request travels over a kept connection, where libcurl by itself would send again.
        _ = try await client.getMe()
        let error = await #expect(throws: TelegramError.self) {
            try await client.sendMessage(chatID: 1, RichText(text: "x"))
        }
        #expect(error == .outcomeUnknown(.interrupted(bytesReceived: 0)))
        #expect(calls.value == 1)
    }

    @Test func `a slow server ends at the caller's deadline`() async throws {
        let server = try LoopbackServer { connection in
            _ = connection.readRequest()
            connection.waitForClose()
        }
        let client = try FakeAPI.client(server.url)
        await #expect(throws: TelegramError.outcomeUnknown(.timedOut(phase: .total))) {
            try await client.sendMessage(chatID: 1, RichText(text: "x"), deadline: .now + .milliseconds(300))
        }
    }

    @Test(arguments: ["", "token", "1:a b", "1:a/b", "1:ü"])
    func `a token that fits no URL is refused`(token: String) {
        #expect(TelegramEndpoint(token: token) == nil)
    }

    @Test(arguments: ["", "api.telegram.org", "ftp://x", "https://", "https://x?y=1"])
    func `an address that is no HTTP URL is refused`(url: String) {
        #expect(TelegramEndpoint(token: "1:a", apiURL: url) == nil)
    }

    @Test func `nothing that can be printed shows the token`() async throws {
        let endpoint = try #require(
            TelegramEndpoint(token: Self.token, apiURL: LoopbackServer.refusingURL() + "/"))
        let client = TelegramClient(endpoint: endpoint, http: HTTPClient())
        let error = await #expect(throws: TelegramError.self) { try await client.getMe() }
        #expect(error == .unreachable(.connectFailed))
        var dumped = ""
        dump(client, to: &dumped)
        for text in [
            "\(endpoint)", String(reflecting: endpoint), String(reflecting: client), dumped,
            "\(error as Any)",
        ] {
            #expect(!text.contains("TEST-token"))
        }
    }

    private func expectJSON(
        _ body: [UInt8], _ expected: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let actual = try JSONSerialization.jsonObject(with: Data(body)) as? NSDictionary
        let wanted = try JSONSerialization.jsonObject(with: Data(expected.utf8)) as? NSDictionary
        #expect(actual == wanted, sourceLocation: sourceLocation)
    }
}

/// Answers every call the same way and keeps what was asked.
final class FakeAPI: Sendable {
    enum Answer: Sendable {
        case ok(String)
        case raw(String, String)
    }

    let client: TelegramClient
    private let seen: Box

    var requests: [ReceivedRequest] { seen.list.withLock { $0 } }

    init(answer: @escaping @Sendable (ReceivedRequest) -> Answer) throws {
        let seen = Box()
        let server = try LoopbackServer { connection in
            while let request = connection.readRequest() {
                seen.list.withLock { $0.append(request) }
                switch answer(request) {
                case .ok(let result): connection.respond(body: #"{"ok":true,"result":\#(result)}"#)
                case .raw(let status, let body): connection.respond(status, body: body)
                }
            }
        }
        self.seen = seen
        client = try Self.client(server.url)
    }

    static func client(_ url: String) throws -> TelegramClient {
        let endpoint = try #require(TelegramEndpoint(token: TelegramClientTests.token, apiURL: url))
        return TelegramClient(endpoint: endpoint, http: HTTPClient())
    }

    private final class Box: Sendable {
        let list = Mutex<[ReceivedRequest]>([])
    }
}
