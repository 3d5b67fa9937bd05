import Foundation

/// The emulator's own HTTP interface, for tests in other processes and for trying things with `curl`.
///
/// | request | does |
/// |---|---|
/// | `GET calls?after=&method=&chat=&wait=` | the bot's calls; `wait` seconds for the first that fits |
/// | `DELETE calls` | forgets them |
/// | `GET messages?chat=` | a chat as its person sees it |
/// | `GET deliveries` | attempts to reach the webhook, updates still pending |
/// | `POST files?filename=` | stores the body, answers `fileId` |
/// | `POST send?chat=&kind=voice&seconds=` | sends the body as a file |
/// | `POST send` with JSON | `{chat, text}`, `{chat, kind, fileId, seconds}` or `{chat, raw}` |
/// | `POST press` | `{chat, messageId, data}` |
/// | `POST block`, `unblock`, `refuse-voice` | `{chat}` |
/// | `GET`, `POST`, `DELETE faults` | see ``Fault`` |
struct ControlSurface {
    struct Order {
        let verb: String
        let name: String
        let query: [String: JSONValue]
        let isJSON: Bool
        let contentType: String?
        let body: [UInt8]
    }

    private struct Misuse: Error {
        let reason: String
    }

    let emulator: BotAPIEmulator

    func answer(_ order: Order) async -> (status: Int, body: JSONValue) {
        do {
            guard let answer = try await perform(order) else { return (404, ["error": "no such command"]) }
            return (200, answer)
        } catch let misuse as Misuse {
            return (400, ["error": .string(misuse.reason)])
        } catch {
            return (400, ["error": .string("\(error)")])
        }
    }

    private func perform(_ order: Order) async throws -> JSONValue? {
        switch (order.verb, order.name) {
        case ("GET", "health"): return ["ok": true]
        case ("GET", "calls"): return try await calls(order)
        case ("DELETE", "calls"):
            await emulator.forgetCalls()
            return [:]
        case ("GET", "messages"):
            return ["messages": .array(await emulator.messages(inChat: try chat(order)))]
        case ("GET", "deliveries"):
            return [
                "deliveries": try encoded(await emulator.deliveryAttempts),
                "pending": .integer(Int64(await emulator.pendingUpdateCount)),
            ]
        case ("POST", "files"):
            let id = await emulator.store(
                order.body, filename: order.query["filename"]?.string, mimeType: order.contentType)
            return ["fileId": .string(id)]
        case ("POST", "send"): return try await act(order, sending(order))
        case ("POST", "press"):
            let fields = try fields(order)
            guard let message = fields["messageId"]?.integer, let data = fields["data"]?.string else {
                throw Misuse(reason: "press needs messageId and data")
            }
            return try await act(order, .press(messageID: message, data: data))
        case ("POST", "block"): return try await act(order, .block)
        case ("POST", "unblock"): return try await act(order, .unblock)
        case ("POST", "refuse-voice"): return try await act(order, .refuseVoice)
        case ("GET", "faults"): return ["faults": try encoded(await emulator.activeFaults)]
        case ("POST", "faults"):
            await emulator.add(try JSONDecoder().decode(Fault.self, from: Data(order.body)))
            return [:]
        case ("DELETE", "faults"):
            await emulator.clearFaults()
            return [:]
        default: return nil
        }
    }

    private func calls(_ order: Order) async throws -> JSONValue {
        let after = number("after", order).map(Int.init) ?? 0
        let method = order.query["method"]?.string?.lowercased()
        let chat = number("chat", order)
        let fits: @Sendable (RecordedCall) -> Bool = { call in
            (method == nil || call.method.lowercased() == method) && (chat == nil || call.chatID == chat)
        }
        if let wait = number("wait", order) {
            _ = await emulator.firstCall(after: after, within: .seconds(min(wait, 600)), where: fits)
        }
        return ["calls": try encoded(await emulator.calls(after: after).filter(fits))]
    }

    private func sending(_ order: Order) throws -> UserAction {
        guard order.isJSON else {
            return .file(
                .init(
                    kind: order.query["kind"]?.string ?? "voice", bytes: order.body,
                    seconds: number("seconds", order).map(Int.init),
                    mimeType: order.query["mimeType"]?.string ?? "audio/ogg",
                    filename: order.query["filename"]?.string, declaredSize: number("declaredSize", order)))
        }
        let fields = try fields(order)
        if let text = fields["text"]?.string { return .text(text) }
        if let raw = fields["raw"]?.object { return .raw(raw) }
        guard let id = fields["fileId"]?.string else {
            throw Misuse(reason: "send needs text, fileId or raw")
        }
        return .file(
            .init(
                kind: fields["kind"]?.string ?? "voice", bytes: [], storedFileID: id,
                seconds: fields["seconds"]?.integer.map(Int.init), filename: fields["filename"]?.string))
    }

    private func act(_ order: Order, _ action: UserAction) async throws -> JSONValue {
        var user = EmulatedUser(id: try chat(order))
        let fields = order.isJSON ? try fields(order) : order.query
        if let name = fields["firstName"]?.string { user.firstName = name }
        if let language = fields["languageCode"] { user.languageCode = language.string }
        let result = try await emulator.perform(action, by: user)
        return [
            "updateId": result.updateID.map { .integer($0) } ?? .null,
            "messageId": result.messageID.map { .integer($0) } ?? .null,
        ]
    }

    // MARK: Reading orders

    private func fields(_ order: Order) throws -> [String: JSONValue] {
        guard let fields = JSONValue(parsing: order.body)?.object else {
            throw Misuse(reason: "the body is no JSON object")
        }
        return fields
    }

    private func chat(_ order: Order) throws -> Int64 {
        if let chat = number("chat", order) { return chat }
        guard order.isJSON, let chat = try fields(order)["chat"]?.integer else {
            throw Misuse(reason: "chat is missing")
        }
        return chat
    }

    private func number(_ name: String, _ order: Order) -> Int64? {
        order.query[name]?.string.flatMap { Int64($0) }
    }

    private func encoded(_ value: some Encodable) throws -> JSONValue {
        try JSONDecoder().decode(JSONValue.self, from: JSONEncoder().encode(value))
    }
}
