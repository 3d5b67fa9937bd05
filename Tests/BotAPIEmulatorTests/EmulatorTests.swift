import BotAPIEmulator
import CoachDomain
import Foundation
import HTTPTransport
import LoopbackHTTP
import Synchronization
import Telegram
import Testing

/// The emulator over real sockets, spoken to by the product's own client.
@Suite struct EmulatorTests {
    private static let token = "1000:emulated"
    private let user = EmulatedUser(id: 5, firstName: "Ada", languageCode: "pt-br")

    private func client(_ running: RunningEmulator, token: String = Self.token) throws -> TelegramClient {
        TelegramClient(
            endpoint: try #require(TelegramEndpoint(token: token, apiURL: running.url)), http: HTTPClient())
    }

    private func withEmulator(
        timeScale: Double = 0.005, deliveryTimeout: Duration = .seconds(60),
        _ body: (RunningEmulator, TelegramClient) async throws -> Void
    ) async throws {
        let running = try await RunningEmulator.start(
            configuration: .init(timeScale: timeScale, deliveryTimeout: deliveryTimeout))
        do {
            try await body(running, try client(running))
        } catch {
            await running.stop()
            throw error
        }
        await running.stop()
    }

    @Test func `messages are sent, edited, refused and deleted as by Telegram`() async throws {
        try await withEmulator { running, client in
            await #expect(throws: TelegramError.recipientGone(.chatNotFound)) {
                try await client.sendMessage(chatID: 5, RichText(text: "x"))
            }
            try await running.emulator.perform(.text("/start"), by: user)
            var text = RichText()
            text.append("Well done", .bold)
            let message = try await client.sendMessage(
                chatID: 5, text, replyingTo: 1, keyboard: InlineKeyboard([[.init("Again", .callback("a"))]]))
            try await client.editMessageText(chatID: 5, messageID: message.id, RichText(text: "better"))
            await #expect(throws: TelegramError.notModified) {
                try await client.editMessageText(chatID: 5, messageID: message.id, RichText(text: "better"))
            }
            await #expect(throws: TelegramError.targetGone) {
                try await client.editMessageText(chatID: 5, messageID: 999, RichText(text: "x"))
            }
            await #expect(throws: TelegramError.tooLong) {
                try await client.sendMessage(chatID: 5, RichText(text: String(repeating: "x", count: 4097)))
            }
            try await client.deleteMessage(chatID: 5, messageID: message.id)
            await #expect(throws: TelegramError.alreadyGone) {
                try await client.deleteMessage(chatID: 5, messageID: message.id)
            }
            await #expect(throws: TelegramError.callbackExpired) {
                try await client.answerCallbackQuery("nope")
            }
            try await client.sendChatAction(chatID: 5, .typing)
            try await client.setMessageReaction(chatID: 5, messageID: 1, emoji: "👀")
            let chat = await running.emulator.messages(inChat: 5)
            #expect(chat.count == 1)
            #expect(chat.first?["reactions"]?.array?.count == 1)
        }
    }

    @Test func `a wrong token is unauthorized`() async throws {
        try await withEmulator { running, _ in
            let stranger = try client(running, token: "1000:other")
            await #expect(throws: TelegramError.unauthorized) { try await stranger.getMe() }
        }
    }

    @Test func `files travel both ways`() async throws {
        try await withEmulator { running, client in
            let content = (0..<100_000).map { UInt8(truncatingIfNeeded: $0) }
            try await running.emulator.perform(.file(.init(bytes: content, seconds: 4)), by: user)
            guard
                case .message(let message) = try await client.getUpdates(offset: nil, wait: .zero).first?
                    .content
            else {
                Issue.record("no update")
                return
            }
            #expect(message.from?.languageCode == "pt-br")
            #expect(message.file?.kind == .voice)
            #expect(message.file?.duration == 4)
            let id = try #require(message.file?.fileID)
            let file = try await client.getFile(id)
            let path = NSTemporaryDirectory() + "emulator-\(UUID().uuidString)"
            defer { try? FileManager.default.removeItem(atPath: path) }
            #expect(try await client.download(file, to: path) == content.count)
            #expect(try [UInt8](Data(contentsOf: URL(fileURLWithPath: path))) == content)
            await #expect(throws: TelegramError.fileLinkExpired) {
                try await client.download(RemoteFile(id: id, path: "voice/other.oga"), to: path)
            }
            let sent = try await client.sendVoice(
                chatID: 5, .bytes(content, filename: "r.ogg", contentType: "audio/ogg"), seconds: 2)
            #expect(sent.file?.fileSize == 100_000)
            let photo = try await client.sendPhoto(
                chatID: 5, .bytes([1, 2, 3], filename: "c.png", contentType: "image/png"),
                caption: RichText(text: "chart"))
            #expect(photo.caption == "chart")
            try await running.emulator.perform(.refuseVoice, by: user)
            await #expect(throws: TelegramError.voiceForbidden) {
                try await client.sendVoice(chatID: 5, .known(fileID: id))
            }
            try await running.emulator.perform(
                .file(.init(kind: "audio", bytes: [1], declaredSize: 30 << 20)), by: user)
            guard
                case .message(let large) = try await client.getUpdates(offset: nil, wait: .zero).last?.content
            else {
                Issue.record("no update")
                return
            }
            await #expect(throws: TelegramError.fileTooBig) {
                try await client.getFile(try #require(large.file?.fileID))
            }
        }
    }

    @Test func `polling waits, confirms and conflicts`() async throws {
        try await withEmulator { running, client in
            let poll = Task { try await client.getUpdates(offset: nil, wait: .seconds(30)) }
            _ = await running.emulator.firstCall(within: .milliseconds(200)) { _ in true }
            try await running.emulator.perform(.text("hi"), by: user)
            let updates = try await poll.value
            let id = try #require(updates.first?.id)
            #expect(try await client.getUpdates(offset: id + 1, wait: .zero).isEmpty)
            try await client.setWebhook(.init(url: "http://127.0.0.1:9/x", secret: "s"))
            await #expect(throws: TelegramError.conflict) {
                try await client.getUpdates(offset: nil, wait: .zero)
            }
            try await client.deleteWebhook()
            #expect(try await client.getUpdates(offset: nil, wait: .zero).isEmpty)
        }
    }

    @Test func `a second poller ends the first`() async throws {
        try await withEmulator { _, client in
            let results = await withTaskGroup(of: TelegramError?.self) { group in
                for _ in 0..<2 {
                    group.addTask {
                        do throws(TelegramError) {
                            _ = try await client.getUpdates(offset: nil, wait: .seconds(2))
                            return nil
                        } catch {
                            return error
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(results.contains(.conflict))
            #expect(results.contains(nil))
        }
    }

    @Test func `updates reach the webhook with the secret, in order for each chat`() async throws {
        try await withEmulator { running, client in
            let seen = Seen()
            let server = try LoopbackServer { connection in
                while let request = connection.readRequest() {
                    seen.requests.withLock { $0.append(request) }
                    connection.respond()
                }
            }
            try await client.setWebhook(.init(url: server.url + "/telegram/webhook", secret: "sec-ret_1"))
            for number in 0..<10 {
                try await running.emulator.perform(.text("a\(number)"), by: EmulatedUser(id: 1))
                try await running.emulator.perform(.text("b\(number)"), by: EmulatedUser(id: 2))
            }
            try await until { await running.emulator.pendingUpdateCount == 0 }
            let requests = seen.requests.withLock { $0 }
            #expect(requests.count == 20)
            #expect(requests.allSatisfy { $0.target == "/telegram/webhook" && $0.method == "POST" })
            #expect(requests.allSatisfy { $0["x-telegram-bot-api-secret-token"] == "sec-ret_1" })
            let texts = try requests.map { request -> String in
                guard case .message(let message) = try Update(json: Data(request.body)).content else {
                    return ""
                }
                return message.text ?? ""
            }
            #expect(texts.filter { $0.hasPrefix("a") } == (0..<10).map { "a\($0)" })
            #expect(texts.filter { $0.hasPrefix("b") } == (0..<10).map { "b\($0)" })
        }
    }

    @Test func `a failing webhook is tried again on Telegram's schedule`() async throws {
        try await withEmulator { running, client in
            let count = Counter()
            let server = try LoopbackServer { connection in
                while connection.readRequest() != nil {
                    switch count.add() {
                    case 1: connection.respond("500 Internal Server Error")
                    case 2: connection.respond("503 Service Unavailable", headers: ["Retry-After: 7"])
                    case 3: connection.respond("302 Found", headers: ["Location: /other"])
                    case 4: return
                    default: connection.respond()
                    }
                }
            }
            try await client.setWebhook(.init(url: server.url, secret: "s"))
            try await running.emulator.perform(.text("hi"), by: user)
            try await until { await running.emulator.pendingUpdateCount == 0 }
            let attempts = await running.emulator.deliveryAttempts
            #expect(attempts.map(\.status) == [500, 503, 302, nil, 200])
            #expect(attempts.map(\.retryAfterSeconds) == [0, 7, 2, 4, nil])
            let info = try await client.getWebhookInfo()
            #expect(info.lastErrorMessage == "Connection closed")
        }
    }

    @Test func `a webhook that is too slow has failed`() async throws {
        try await withEmulator(deliveryTimeout: .milliseconds(200)) { running, client in
            let count = Counter()
            let server = try LoopbackServer { connection in
                while connection.readRequest() != nil {
                    if count.add() == 1 {
                        connection.waitForClose()
                        return
                    }
                    connection.respond()
                }
            }
            try await client.setWebhook(.init(url: server.url, secret: "s"))
            try await running.emulator.perform(.text("hi"), by: user)
            try await until { await running.emulator.pendingUpdateCount == 0 }
            #expect(await running.emulator.deliveryAttempts.first?.error == "Read timeout expired")
        }
    }

    @Test func `a method in the webhook's answer is carried out`() async throws {
        try await withEmulator { running, client in
            let server = try LoopbackServer { connection in
                while connection.readRequest() != nil {
                    connection.respond(
                        headers: ["Content-Type: application/json"],
                        body: #"{"method":"sendMessage","chat_id":5,"text":"at once"}"#)
                }
            }
            try await client.setWebhook(.init(url: server.url, secret: "s"))
            try await running.emulator.perform(.text("hi"), by: user)
            let call = await running.emulator.firstCall(within: .seconds(30)) { $0.route == .webhook }
            #expect(call?.method == "sendMessage")
            #expect(call?.status == 200)
            #expect(await running.emulator.messages(inChat: 5).last?["text"] == "at once")
        }
    }

    @Test func `faults strike as often as they are told`() async throws {
        try await withEmulator { running, client in
            try await running.emulator.perform(.text("hi"), by: user)
            let emulator = running.emulator
            await emulator.add(Fault("sendMessage", .rateLimited(seconds: 3)))
            await #expect(throws: TelegramError.rateLimited(retryAfter: .seconds(3))) {
                try await client.sendMessage(chatID: 5, RichText(text: "x"))
            }
            await emulator.add(Fault("*", .gateway(status: 502), times: 2))
            for _ in 0..<2 {
                await #expect(throws: TelegramError.serverUnavailable(status: 502)) {
                    try await client.getMe()
                }
            }
            await emulator.add(
                Fault(
                    "sendmessage", .refused(code: 403, description: "Forbidden: bot was blocked by the user"))
            )
            await #expect(throws: TelegramError.recipientGone(.blockedByUser)) {
                try await client.sendMessage(chatID: 5, RichText(text: "x"))
            }
            #expect(await emulator.messages(inChat: 5).count == 1)
            await emulator.add(Fault("sendMessage", .dropReply))
            let error = await #expect(throws: TelegramError.self) {
                try await client.sendMessage(chatID: 5, RichText(text: "done anyway"))
            }
            #expect(error?.mayHaveTakenEffect == true)
            #expect(await emulator.messages(inChat: 5).last?["text"] == "done anyway")
            await emulator.add(Fault("sendMessage", .delay(milliseconds: 400)))
            await #expect(throws: TelegramError.outcomeUnknown(.timedOut(phase: .total))) {
                try await client.sendMessage(
                    chatID: 5, RichText(text: "late"), deadline: .now + .milliseconds(150))
            }
            #expect(await emulator.activeFaults.isEmpty)
            _ = try await client.getMe()
        }
    }

    @Test func `a download breaks off, or its link has expired`() async throws {
        try await withEmulator { running, client in
            let id = await running.emulator.store(
                [UInt8](repeating: 1, count: 1000), filename: "a.ogg", mimeType: nil)
            let file = try await client.getFile(id)
            let path = NSTemporaryDirectory() + "emulator-\(UUID().uuidString)"
            await running.emulator.add(Fault("file", .dropReply))
            await #expect(throws: TelegramError.outcomeUnknown(.interrupted(bytesReceived: 500))) {
                try await client.download(file, to: path)
            }
            await running.emulator.add(Fault("file", .refused(code: 404, description: "Not Found")))
            await #expect(throws: TelegramError.fileLinkExpired) { try await client.download(file, to: path) }
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }

    @Test func `another process can act and watch over HTTP`() async throws {
        try await withEmulator { running, client in
            let control = Control(url: running.url + "/emulator/")
            #expect(try await control.call("GET", "health")["ok"] == true)
            try await control.call("POST", "send?chat=5&kind=voice&seconds=2", bytes: [1, 2, 3])
            let stored = try await control.call("POST", "files?filename=talk.m4a", bytes: [4, 5])
            let id = try #require(stored["fileId"]?.string)
            try await control.call("POST", "send", json: #"{"chat":5,"kind":"audio","fileId":"\#(id)"}"#)
            try await control.call("POST", "send", json: #"{"chat":5,"text":"/start","languageCode":"de"}"#)
            try await control.call("POST", "send", json: #"{"chat":5,"raw":{"sticker":{"file_id":"s"}}}"#)
            let updates = try await client.getUpdates(offset: nil, wait: .zero)
            let messages = updates.compactMap { update -> Message? in
                if case .message(let message) = update.content { message } else { nil }
            }
            #expect(messages.map { $0.file?.kind } == [.voice, .audio, nil, nil])
            #expect(messages[2].from?.languageCode == "de")
            try await control.call(
                "POST", "faults", json: #"{"method":"getMe","fault":"rateLimited","seconds":2,"times":1}"#)
            #expect(try await control.call("GET", "faults")["faults"]?.array?.count == 1)
            await #expect(throws: TelegramError.rateLimited(retryAfter: .seconds(2))) {
                try await client.getMe()
            }
            _ = try await client.sendMessage(
                chatID: 5, RichText(text: "hello"),
                keyboard: InlineKeyboard([[.init("A", .callback("again"))]]))
            let calls = try await control.call("GET", "calls?method=sendMessage&chat=5&wait=10")["calls"]?
                .array
            #expect(calls?.first?["parameters"]?["text"] == "hello")
            #expect(calls?.first?["status"] == 200)
            let message = try #require(calls?.first?["answer"]?["result"]?["message_id"]?.integer)
            try await control.call(
                "POST", "press", json: #"{"chat":5,"messageId":\#(message),"data":"again"}"#)
            try await control.call("POST", "block", json: #"{"chat":5}"#)
            #expect(try await control.call("GET", "deliveries")["pending"]?.integer == 6)
            let chat = try await control.call("GET", "messages?chat=5")["messages"]?.array
            #expect(chat?.last?["text"] == "hello")
            for (verb, path, body, status) in [
                ("GET", "nothing", "", 404), ("POST", "send", "{}", 400),
                ("POST", "press", #"{"chat":5}"#, 400),
                ("POST", "faults", #"{"method":"x","fault":"magic"}"#, 400), ("GET", "messages", "", 400),
            ] {
                #expect(try await control.status(verb, path, json: body) == status)
            }
        }
    }

    @Test func `a control client can wait for a call that has not been made`() async throws {
        try await withEmulator { running, client in
            let control = Control(url: running.url + "/emulator/")
            async let calls = control.call("GET", "calls?method=getMe&wait=60")
            _ = try await client.getMe()
            #expect(try await calls["calls"]?.array?.count == 1)
        }
    }

    /// Waits for a condition that the emulator's own events bring about.
    private func until(_ condition: () async -> Bool) async throws {
        while await !condition() { try await Task.sleep(for: .milliseconds(5)) }
    }

    private final class Seen: Sendable {
        let requests = Mutex<[ReceivedRequest]>([])
    }
}

/// Speaks to the control surface.
private struct Control: Sendable {
    let url: String
    private let http = HTTPClient()

    init(url: String) { self.url = url }

    @discardableResult
    func call(_ verb: String, _ path: String, json: String? = nil, bytes: [UInt8] = []) async throws
        -> JSONValue
    {
        let response = try await send(verb, path, json: json, bytes: bytes)
        #expect(response.status == 200, "\(path)")
        return try JSONDecoder().decode(JSONValue.self, from: Data(response.body))
    }

    func status(_ verb: String, _ path: String, json: String) async throws -> Int {
        try await send(verb, path, json: json, bytes: []).status
    }

    private func send(_ verb: String, _ path: String, json: String?, bytes: [UInt8]) async throws
        -> HTTPResponse
    {
        let type = json == nil ? "audio/ogg" : "application/json"
        let body = json.map { Array($0.utf8) } ?? bytes
        return try await http.execute(
            HTTPRequest(
                method: verb, url: url + path, headers: [("Content-Type", type)],
                body: body.isEmpty ? .none : .bytes(body), deadline: .now + .seconds(60)))
    }
}
