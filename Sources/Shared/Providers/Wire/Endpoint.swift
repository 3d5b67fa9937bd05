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
        _ path: String, body: HTTPBody, contentType: String? = nil, context: CallContext,
        firstByteTimeout: Duration? = nil
    ) async throws(ProviderError) -> [UInt8] {
        let type = contentType.map { [("Content-Type", $0)] } ?? []
        return try await send(
            HTTPRequest(
                method: "POST", url: baseURL + path,
                headers: headers + type + [("Accept", "application/json")],
                body: body, deadline: context.deadline, connectTimeout: .seconds(2),
                firstByteTimeout: firstByteTimeout, maximumResponseBytes: 16 << 20))
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
        guard response.head.isSuccess else {
            throw .refused(status: response.status, headers: response.headers, body: response.body)
        }
        return response.body
    }
}
