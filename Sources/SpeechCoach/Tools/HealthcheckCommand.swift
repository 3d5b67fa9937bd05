import ArgumentParser
import HTTPTransport
import ServiceKit

struct HealthcheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "healthcheck",
        abstract: "Ask a running role whether it is well; for containers.",
        discussion: """
            Reads no settings. Exit code 0 for a 200, 1 for anything else.

            EXAMPLE
              speechcoach healthcheck --url http://127.0.0.1:8080/health/ready
            """)

    @Option(help: "What to ask.")
    var url = "http://127.0.0.1:8080/health/ready"

    func run() async throws {
        let client = HTTPClient()
        let request = HTTPRequest(url: url, deadline: .now + .seconds(4))
        let response: HTTPResponse
        do {
            response = try await client.execute(request)
        } catch {
            await client.shutdown()
            throw CommandFailure(.failed, "no answer: \(error)")
        }
        await client.shutdown()
        Output.line(String(decoding: response.body, as: UTF8.self))
        guard response.status == 200 else { throw CommandFailure.silent(.failed) }
    }
}
