import Foundation
package import HTTPTransport

/// Calls the Bot API. Every call is exactly one attempt: retrying belongs to the job engine.
///
/// Calls run in parallel as they come; the order of messages in one chat is the caller's affair. Unless a
/// deadline is given, a call has ``patience``: Telegram absorbs short flood waits inside its server, so a
/// healthy send may take many seconds.
package struct TelegramClient: Sendable {
    /// Time for a call without a deadline of its own.
    package static let patience = Duration.seconds(35)
    /// The most that `getFile` of the public server gives out, in bytes.
    package static let maximumDownloadBytes = 20 << 20
    /// Answers are small; an update is at most 512 KiB and a batch of them 4 MiB.
    private static let maximumAnswerBytes = 16 << 20

    let endpoint: TelegramEndpoint
    let http: HTTPClient

    package init(endpoint: TelegramEndpoint, http: HTTPClient) {
        self.endpoint = endpoint
        self.http = http
    }

    /// Calls a method with JSON parameters.
    ///
    /// - Parameter isRepeatable: Whether the transport may send the request again over a fresh connection when a
    ///   kept one dies before any answer. Never for what creates a message.
    func call<Parameters: Encodable, Answer: Decodable & Sendable>(
        _ method: String, _ parameters: Parameters, isRepeatable: Bool, deadline: ContinuousClock.Instant?,
        as _: Answer.Type = Answer.self
    ) async throws(TelegramError) -> Answer {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        guard let body = try? encoder.encode(parameters) else { throw .invalidRequest(status: 0) }
        return try await send(
            method, headers: [("Content-Type", "application/json")], body: .bytes([UInt8](body)),
            isRepeatable: isRepeatable, deadline: deadline)
    }

    /// Calls a method whose parameters include a file.
    func upload<Answer: Decodable & Sendable>(
        _ method: String, _ parts: [MultipartPart], deadline: ContinuousClock.Instant?
    ) async throws(TelegramError) -> Answer {
        try await send(method, headers: [], body: .multipart(parts), isRepeatable: false, deadline: deadline)
    }

    private func send<Answer: Decodable & Sendable>(
        _ method: String, headers: [(String, String)], body: HTTPBody, isRepeatable: Bool,
        deadline: ContinuousClock.Instant?
    ) async throws(TelegramError) -> Answer {
        let response: HTTPResponse
        do throws(HTTPError) {
            response = try await http.execute(
                HTTPRequest(
                    method: "POST", url: endpoint.url(of: method), headers: headers, body: body,
                    deadline: deadline ?? .now + Self.patience, maximumResponseBytes: Self.maximumAnswerBytes,
                    mayBeSentTwice: isRepeatable))
        } catch {
            throw TelegramError(error)
        }
        return try Self.read(response.status, response.headers, response.body)
    }

    static func read<Answer: Decodable & Sendable>(
        _ status: Int, _ headers: HTTPHeaders, _ body: [UInt8]
    ) throws(TelegramError) -> Answer {
        let envelope = try? JSONDecoder().decode(Envelope<Answer>.self, from: Data(body))
        if (200...299).contains(status), envelope?.ok != false {
            guard let result = envelope?.result else { throw .unintelligibleAnswer }
            return result
        }
        // The status line and `error_code` agree unless something stands in between; the body then knows better.
        throw TelegramError(
            status: envelope?.errorCode ?? status, description: envelope?.description ?? "",
            parameters: envelope?.parameters, retryAfterHeader: headers["Retry-After"])
    }

    /// What every answer is wrapped in.
    private struct Envelope<Answer: Decodable>: Decodable {
        let ok: Bool
        let result: Answer?
        let errorCode: Int?
        let description: String?
        let parameters: ResponseParameters?

        init(from decoder: any Decoder) throws {
            let fields = try LenientFields(decoder)
            ok = try fields.required("ok")
            result = fields.optional("result")
            errorCode = fields.optional("error_code")
            description = fields.optional("description")
            parameters = fields.optional("parameters")
        }
    }
}

/// Parameters of a method without parameters.
struct NoParameters: Encodable {}
