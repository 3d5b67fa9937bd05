import Foundation
import Hummingbird

/// Answers HTTP requests: the Bot API, its files, and the control surface under `/emulator/`.
struct BotAPIResponder: HTTPResponder {
    typealias Context = BasicRequestContext

    private static let maximumBodyBytes = 64 << 20

    let emulator: BotAPIEmulator

    func respond(to request: Request, context: BasicRequestContext) async throws -> Response {
        let path = request.uri.path.removingPercentEncoding ?? ""
        let query = request.uri.query ?? ""
        let contentType = request.headers[.contentType]
        if path.hasPrefix("/file/bot") {
            return await file(String(path.dropFirst("/file/bot".count)))
        }
        let collected: ByteBuffer
        do {
            collected = try await request.body.collect(upTo: Self.maximumBodyBytes)
        } catch {
            return Self.json(Refusal(code: 413, description: "Request Entity Too Large").asAnswer)
        }
        let body = [UInt8](buffer: collected)
        if path.hasPrefix("/bot") {
            return await call(
                String(path.dropFirst("/bot".count)), query: query, contentType: contentType, body: body)
        }
        if path.hasPrefix("/emulator/") {
            let order = ControlSurface.Order(
                verb: request.method.rawValue, name: String(path.dropFirst("/emulator/".count)),
                query: CallReader.form(query), isJSON: contentType?.hasPrefix("application/json") == true,
                contentType: contentType, body: body)
            let (status, answer) = await ControlSurface(emulator: emulator).answer(order)
            return Self.json(answer, status: status)
        }
        return Self.json(Refusal(code: 404, description: "Not Found").asAnswer)
    }

    /// `<token>/<method>`
    private func call(_ path: String, query: String, contentType: String?, body: [UInt8]) async -> Response {
        let halves = path.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard halves.count == 2 else {
            return Self.json(Refusal(code: 404, description: "Not Found").asAnswer)
        }
        if let refusal = refusal(ofToken: halves[0]) { return Self.json(refusal.asAnswer) }
        let call: APICall
        do throws(Refusal) {
            call = try CallReader.read(
                method: String(halves[1]), query: query, contentType: contentType, body: body)
        } catch {
            return Self.json(error.asAnswer)
        }
        return switch await emulator.handle(call, route: .http) {
        case .envelope(let answer): Self.json(answer)
        case .gateway(let status): Self.html(status)
        case .dropped: Self.broken(after: [])
        }
    }

    /// `<token>/<path>`
    private func file(_ path: String) async -> Response {
        let halves = path.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard halves.count == 2 else {
            return Self.json(Refusal(code: 404, description: "Not Found").asAnswer)
        }
        if let refusal = refusal(ofToken: halves[0]) { return Self.json(refusal.asAnswer) }
        let (effect, file) = await emulator.download(String(halves[1]))
        switch effect {
        case .rateLimited(let seconds):
            return Self.json(Refusal.tooManyRequests(retryAfter: seconds).asAnswer)
        case .refused(let code, let description):
            return Self.json(Refusal(code: code, description: description).asAnswer)
        case .gateway(let status): return Self.html(status)
        case .dropReply:
            return Self.broken(after: file.map { Array($0.bytes.prefix($0.bytes.count / 2)) } ?? [])
        case .delay, nil: break
        }
        guard let file else { return Self.json(Refusal(code: 404, description: "Not Found").asAnswer) }
        return Response(
            status: .ok, headers: [.contentType: "application/octet-stream"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: file.bytes)))
    }

    /// Telegram answers 404 to what does not even look like a token.
    private func refusal(ofToken token: Substring) -> Refusal? {
        guard token.contains(":") else {
            return Refusal(code: 401, description: "Unauthorized: invalid token specified")
        }
        guard String(token) == emulator.configuration.token else {
            return Refusal(code: 401, description: "Unauthorized")
        }
        return nil
    }

    // MARK: Forms of answers

    private static func json(_ answer: APIAnswer) -> Response {
        var response = json(answer.envelope, status: answer.status)
        if case .failure(let refusal) = answer, let seconds = refusal.retryAfter {
            response.headers[.retryAfter] = String(seconds)
        }
        return response
    }

    private static func json(_ value: JSONValue, status: Int) -> Response {
        Response(
            status: .init(code: status), headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: value.serialized)))
    }

    private static func html(_ status: Int) -> Response {
        Response(
            status: .init(code: status), headers: [.contentType: "text/html"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: "<html><body>\(status)</body></html>")))
    }

    private struct Broken: Error {}

    /// Announces more than it sends; the server closes the connection when the writer throws.
    private static func broken(after bytes: [UInt8]) -> Response {
        Response(
            status: .ok, headers: [.contentType: "application/json"],
            body: ResponseBody(contentLength: bytes.count + 1) { writer in
                try await writer.write(ByteBuffer(bytes: bytes))
                throw Broken()
            })
    }
}

extension Refusal {
    fileprivate var asAnswer: APIAnswer { .failure(self) }
}
