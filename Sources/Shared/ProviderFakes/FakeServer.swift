/// A loopback HTTP server with the operations of one vendor.
final class FakeServer: Sendable {
    private let listener: LoopbackListener

    var origin: String { "http://127.0.0.1:\(listener.port)" }

    /// - Parameter notFound: The vendor's answer to a route that it does not have.
    init(
        _ endpoints: [FakeEndpoint], notFound: @escaping @Sendable (WireRequest) -> WireResponse
    ) throws {
        listener = try LoopbackListener { connection in
            while let request = connection.readRequest() {
                guard let endpoint = endpoints.first(where: { $0.serves(request) }) else {
                    let response = notFound(request)
                    guard connection.send(response.head() + response.body) else { return }
                    continue
                }
                guard endpoint.serve(request, on: connection) else { return }
            }
        }
    }

    func stop() { listener.stop() }
}
