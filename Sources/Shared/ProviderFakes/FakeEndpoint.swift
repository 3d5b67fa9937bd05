package import Foundation
import Synchronization

/// One operation of a fake vendor: takes requests, remembers them, and fails when told to.
package final class FakeEndpoint: Sendable {
    /// One request and what became of it.
    package struct Exchange: Sendable {
        package let request: WireRequest
        package let receivedAt: Date
        package let fault: Fault?
        /// The status that was sent, or that would have been sent had the connection held; `nil` for silence.
        package internal(set) var status: Int?
    }

    private struct State {
        var script = FaultScript()
        var exchanges: [Exchange] = []
        var waiters: [(count: Int, signal: AsyncStream<Void>.Continuation)] = []
    }

    private let api: any FakeAPI
    private let state = Mutex(State())

    init(_ api: any FakeAPI) { self.api = api }

    func serves(_ request: WireRequest) -> Bool {
        request.method == api.method && api.serves(path: request.path)
    }

    // MARK: Orders

    /// The next requests fail in this way, one each, in order of arrival; `nil` lets one through.
    package func failNext(_ faults: Fault?...) { state.withLock { $0.script.enqueue(faults) } }

    /// Every request for which nothing is queued fails in this way, until ``heal()``.
    package func failAlways(_ fault: Fault) { state.withLock { $0.script.stand(fault) } }

    /// Requests from now on are answered; those under way keep their fate.
    package func heal() { state.withLock { $0.script.clear() } }

    // MARK: Evidence

    /// In order of arrival.
    package var exchanges: [Exchange] { state.withLock { $0.exchanges } }
    package var requests: [WireRequest] { exchanges.map(\.request) }

    /// Returns when this many requests have arrived in all, at once if they have; also when the task is
    /// cancelled.
    package func received(_ count: Int) async {
        let (stream, signal) = AsyncStream<Void>.makeStream()
        state.withLock { state in
            if state.exchanges.count >= count {
                signal.finish()
            } else {
                state.waiters.append((count, signal))
            }
        }
        for await _ in stream {}
    }

    // MARK: Serving

    /// Answers one request.
    ///
    /// - Returns: Whether the connection can carry another one.
    func serve(_ request: WireRequest, on connection: WireConnection) -> Bool {
        let (index, fault) = begin(request)
        let response = response(to: request, fault: fault)
        let play = FaultPlay(connection: connection, response: response)
        if fault != .silence, fault != .hangUp {
            state.withLock { $0.exchanges[index].status = response.status }
        }
        return play.run(fault)
    }

    private func begin(_ request: WireRequest) -> (index: Int, fault: Fault?) {
        state.withLock { state in
            let fault = state.script.next()
            state.exchanges.append(Exchange(request: request, receivedAt: .now, fault: fault, status: nil))
            let count = state.exchanges.count
            for waiter in state.waiters where waiter.count <= count { waiter.signal.finish() }
            state.waiters.removeAll { $0.count <= count }
            return (count - 1, fault)
        }
    }

    private func response(to request: WireRequest, fault: Fault?) -> WireResponse {
        switch fault {
        case .rateLimited(let advice):
            var response = api.refusal(.rateLimited)
            response.headers += advice.headers(now: .now)
            return response
        case .quotaExhausted: return api.refusal(.quotaExhausted)
        case .unauthorized: return api.refusal(.unauthorized)
        case .serverError: return api.refusal(.serverError)
        case .overloaded: return api.refusal(.overloaded)
        case .badGateway: return .badGateway
        case .wrongSchema: return api.answer(request, flaw: .wrongSchema)
        case .inventedQuote: return api.answer(request, flaw: .inventedQuote)
        case .refusal: return api.answer(request, flaw: .refusal)
        case .outOfTokens: return api.answer(request, flaw: .outOfTokens)
        case .errorMidStream: return api.answer(request, flaw: .errorMidStream)
        case .truncatedJSON:
            var response = api.answer(request, flaw: nil)
            response.body.removeLast(response.body.count / 2)
            return response
        case .emptyBody:
            var response = api.answer(request, flaw: nil)
            response.body = []
            return response
        case .wrongContentType:
            return WireResponse(
                status: 200, contentType: "text/html", body: Array("<html><body>Sign in</body></html>".utf8))
        case .invalidUTF8:
            var response = api.answer(request, flaw: nil)
            let middle = response.body.count / 2
            let place =
                response.body[middle...].firstIndex { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }
                ?? middle
            response.body.insert(contentsOf: [0xC3, 0x28, 0xFF], at: place)
            return response
        case .hugeBody(let bytes):
            var response = api.answer(request, flaw: nil)
            // Line feeds are legal in JSON and between events, so only a limit on size protects the client.
            let padding = [UInt8](repeating: 0x0A, count: max(0, bytes - response.body.count))
            response.body = padding + response.body
            return response
        case .slow, .trickle, .silence, .stall, .hangUp, .cutOff, .reset, nil:
            return api.answer(request, flaw: nil)
        }
    }
}
