import Foundation
package import Hummingbird
package import Observability

extension RouterMethods {
    /// Adds `GET /health/live`, `/health/ready` and `/metrics`.
    ///
    /// Live tells that the process answers at all and asks nobody, so that an outage elsewhere never makes
    /// an orchestrator kill a healthy worker. Ready answers 200, or 503 with a reason per dependency.
    package func addObservability(health: HealthRegistry, metrics: MetricsRegistry) {
        get("/health/live") { _, _ in
            Response.text(#"{"status":"live"}"#, type: "application/json")
        }
        get("/health/ready") { _, _ in
            let report = await health.report()
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys]
            let body = String(decoding: try encoder.encode(report), as: UTF8.self)
            return Response.text(
                body, type: "application/json", status: report.isReady ? .ok : .serviceUnavailable)
        }
        get("/metrics") { _, _ in
            Response.text(metrics.exposition(), type: PrometheusText.contentType)
        }
    }
}

extension Response {
    fileprivate static func text(
        _ body: String, type: String, status: HTTPResponse.Status = .ok
    ) -> Response {
        Response(
            status: status, headers: [.contentType: type, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: body)))
    }
}
