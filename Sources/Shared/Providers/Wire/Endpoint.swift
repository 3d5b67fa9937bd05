package import HTTPTransport

/// One vendor's address and key, and how a request reaches it.
package struct Endpoint: Sendable {
    package enum Authorization: Sendable {
        case none
        /// `Authorization: Bearer …`
        case bearer(String)
        /// A header of the vendor's own.
        case header(name: String, value: String)
    }

    private let client: HTTPClient
    private let baseURL: String
    private let headers: [(String, String)]
    private let meter = LinkMeter()

    /// How fast bytes have travelled there up to now; shared by all copies.
    var uplink: LinkSpeed? { meter.speed }

    /// - Parameters:
    ///   - baseURL: As the vendor's own SDK takes it (`docs/configuration.md`); a trailing slash is dropped.
    ///   - authorization: Kept in memory only.
    ///   - headers: Sent with every request.
    package init(
        client: HTTPClient, baseURL: String, authorization: Authorization, headers: [(String, String)] = []
    ) {
        self.client = client
        var base = baseURL[...]
        while base.hasSuffix("/") { base = base.dropLast() }
        self.baseURL = String(base)
        switch authorization {
        case .none: self.headers = headers
        case .bearer(let key): self.headers = [("Authorization", "Bearer \(key)")] + headers
        case .header(let name, let value): self.headers = [(name, value)] + headers
        }
    }

    /// Posts once and returns the body of a 2xx answer.
    ///
    /// - Parameters:
    ///   - path: Appended to the base URL; starts with a slash.
    ///   - firstByteTimeout: `nil` where the whole answer is computed before its first byte.
    /// - Throws: The class of whatever went wrong.
    func post(
        _ path: String, body: HTTPBody, contentType: String? = nil, accept: String = "application/json",
        context: CallContext, firstByteTimeout: Duration? = nil
    ) async throws(ProviderError) -> [UInt8] {
        let type = contentType.map { [("Content-Type", $0)] } ?? []
        return try await send(
            HTTPRequest(
                method: "POST", url: baseURL + path,
                headers: headers + type + [("Accept", accept)],
                body: body, deadline: context.deadline, connectTimeout: .seconds(2),
                firstByteTimeout: firstByteTimeout, maximumResponseBytes: 16 << 20))
    }

    /// Posts a question once and puts the answer together while it streams in.
    ///
    /// Streaming does not show anything earlier, because an answer is checked as a whole. It tells sooner that
    /// nothing will come: a server that is well begins within seconds and does not fall silent.
    ///
    /// - Parameters:
    ///   - assembly: Empty.
    ///   - isPatient: Waits for the first byte as long as the deadline allows, for a server that loads its
    ///     model first.
    func postForEvents<Assembly: AnswerAssembly>(
        _ path: String, json: [UInt8], into assembly: Assembly, context: CallContext, isPatient: Bool = false
    ) async throws(ProviderError) -> ModelAnswer {
        let result: Result<ModelAnswer, ProviderError>
        do throws(HTTPError) {
            let response = try await client.stream(
                HTTPRequest(
                    method: "POST", url: baseURL + path,
                    headers: headers + [
                        ("Content-Type", "application/json"),
                        ("Accept", "text/event-stream, application/json"),
                    ],
                    body: .bytes(json), deadline: context.deadline, connectTimeout: .seconds(2),
                    firstByteTimeout: isPatient ? nil : .seconds(6), idleTimeout: .seconds(5),
                    maximumResponseBytes: 16 << 20))
            result = try await Self.read(response, into: assembly)
        } catch {
            throw ProviderError(error)
        }
        return try result.get()
    }

    private static func read<Assembly: AnswerAssembly>(
        _ response: HTTPStreamingResponse, into empty: Assembly
    ) async throws(HTTPError) -> Result<ModelAnswer, ProviderError> {
        let isStream = response.headers["content-type"]?.lowercased().hasPrefix("text/event-stream") == true
        var chunks = response.body.makeAsyncIterator()
        guard response.head.isSuccess, isStream else {
            var body: [UInt8] = []
            while let chunk = try await chunks.next() { body += chunk }
            guard response.head.isSuccess else {
                return .failure(
                    .refused(status: response.status, headers: response.headers, body: body))
            }
            return Result { () throws(ProviderError) in
                var assembly = empty
                try assembly.readWhole(body)
                return try assembly.answer()
            }
        }
        var reader = AnswerReader(empty)
        do throws(HTTPError) {
            while let chunk = try await chunks.next() {
                do throws(ProviderError) {
                    try reader.read(chunk)
                } catch {
                    return .failure(error)
                }
            }
        } catch {
            // Whatever happens behind the end of a complete answer does not matter any more.
            guard reader.isComplete else { throw error }
        }
        return Result { () throws(ProviderError) in try reader.answer() }
    }

    /// Gets a document; costs nothing at any vendor.
    func get(_ path: String, deadline: ContinuousClock.Instant) async throws(ProviderError) -> [UInt8] {
        try await send(HTTPRequest(url: baseURL + path, headers: headers, deadline: deadline))
    }

    private func send(_ request: HTTPRequest) async throws(ProviderError) -> [UInt8] {
        let response: HTTPResponse
        do throws(HTTPError) {
            response = try await client.execute(request)
        } catch {
            throw ProviderError(error)
        }
        if let upload = response.timings.upload { meter.note(bytes: upload.bytes, in: upload.busy) }
        guard response.head.isSuccess else {
            throw .refused(status: response.status, headers: response.headers, body: response.body)
        }
        return response.body
    }
}
