/// A failure at the boundary to a speech or language provider.
///
/// The classes are those that lead to different actions of ``FailoverPolicy`` and ``CircuitBreaker``. No
/// case carries a URL, a key, or anything that was said: vendors echo all three in their error texts.
package enum ProviderError: Error, Hashable, Sendable {
    /// Too many requests for the moment; `retryAfter` as the vendor asked, already bounded.
    case rateLimited(retryAfter: Duration?)
    /// Credit or a spending limit is used up; waiting does not help, an operator does.
    case quota
    /// The key is missing, wrong or not allowed to do this.
    case authentication
    /// The vendor does not know the model or the address; `code` is the vendor's identifier.
    case misconfigured(code: String?)
    /// The vendor has no capacity now.
    case overloaded(retryAfter: Duration?)
    /// The vendor failed.
    case server(status: Int)
    /// The connection failed. `mayHaveActed` tells whether the vendor may have done (and billed) the work.
    case network(mayHaveActed: Bool)
    /// The attempt's time is over.
    case timedOut(mayHaveActed: Bool)
    /// The answer stops at a length limit.
    case truncated
    /// The vendor declined the content.
    case contentBlocked
    /// The vendor does not accept this request; the same bytes will never be accepted.
    case requestInvalid(code: String?)
    /// More bytes, seconds or tokens than the vendor takes.
    case tooLarge
    /// The answer is not what was asked for.
    case malformedResponse
    case cancelled

    /// Whether the same request to the same provider can be expected to succeed later, all by itself.
    package var isTransient: Bool {
        switch self {
        case .rateLimited, .overloaded, .server, .network, .timedOut, .malformedResponse: true
        case .quota, .authentication, .misconfigured, .truncated, .contentBlocked, .requestInvalid,
            .tooLarge, .cancelled:
            false
        }
    }

    /// Whether the vendor may charge for the failed attempt.
    package var mayBeBilled: Bool {
        switch self {
        case .truncated, .contentBlocked, .malformedResponse, .cancelled: true
        case .network(let mayHaveActed), .timedOut(let mayHaveActed): mayHaveActed
        case .rateLimited, .quota, .authentication, .misconfigured, .overloaded, .server, .requestInvalid,
            .tooLarge:
            false
        }
    }

    /// Stable name of the class for the ledger, logs and metrics.
    package var name: String {
        switch self {
        case .rateLimited: "rateLimited"
        case .quota: "quota"
        case .authentication: "authentication"
        case .misconfigured: "misconfigured"
        case .overloaded: "overloaded"
        case .server: "server"
        case .network: "network"
        case .timedOut: "timedOut"
        case .truncated: "truncated"
        case .contentBlocked: "contentBlocked"
        case .requestInvalid: "requestInvalid"
        case .tooLarge: "tooLarge"
        case .malformedResponse: "malformedResponse"
        case .cancelled: "cancelled"
        }
    }
}

extension ProviderError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .rateLimited(let wait?), .overloaded(let wait?): "\(name) (retry after \(wait))"
        case .misconfigured(let code?), .requestInvalid(let code?): "\(name) (\(code))"
        case .server(let status): "\(name) (status \(status))"
        default: name
        }
    }
}
