/// The ways in which a vendor refuses a request that may be perfectly good.
enum VendorError: Hashable, Sendable {
    case rateLimited, quotaExhausted, unauthorized, serverError, overloaded
}

/// What is wrong with an answer that looks like success.
enum AnswerFlaw: Hashable, Sendable {
    case wrongSchema, inventedQuote, refusal, outOfTokens, errorMidStream
}

/// One operation of one vendor: its checks of a request, its answers and its error shapes.
protocol FakeAPI: Sendable {
    var method: String { get }
    var path: String { get }

    /// Whether a path is this operation's; by default the one path that it has.
    func serves(path: String) -> Bool

    /// The vendor's answer; an error in its own shape when it would not take the request.
    func answer(_ request: WireRequest, flaw: AnswerFlaw?) -> WireResponse

    /// A refusal in the vendor's own shape.
    func refusal(_ error: VendorError) -> WireResponse
}

extension FakeAPI {
    var method: String { "POST" }

    func serves(path: String) -> Bool { path == self.path }
}
