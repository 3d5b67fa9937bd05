/// AssemblyAI's asynchronous operations on a loopback port, strict about what they are sent.
///
/// Stops when it is released.
package final class FakeAssemblyAI: Sendable {
    package let upload: FakeEndpoint
    package let order: FakeEndpoint
    package let poll: FakeEndpoint
    private let desk: AssemblyAIDesk
    private let server: FakeServer

    /// - Parameters:
    ///   - apiKey: What requests must carry in `Authorization`, without a scheme.
    ///   - recognition: What is heard in every file.
    ///   - rounds: How often the answer is "not yet".
    package init(apiKey: String, recognition: Recognition = .sample, rounds: Int = 2) throws {
        desk = AssemblyAIDesk(recognition: recognition, rounds: rounds)
        upload = FakeEndpoint(AssemblyAIUploadAPI(apiKey: apiKey, desk: desk))
        order = FakeEndpoint(AssemblyAIOrderAPI(apiKey: apiKey, desk: desk))
        poll = FakeEndpoint(AssemblyAIPollAPI(apiKey: apiKey, desk: desk))
        server = try FakeServer([upload, order, poll]) { _ in AssemblyAIErrors.error(404, "Not found") }
    }

    deinit { server.stop() }

    /// For `ASSEMBLYAI_BASE_URL`: without the version.
    package var baseURL: String { server.origin }

    /// Every transcript from now on ends in `status: "error"` with this text; `nil` heals.
    package func failJobs(_ text: String?) { desk.failJobs(text) }

    /// Refuses connections from now on and breaks off those that are open.
    package func stop() { server.stop() }
}
