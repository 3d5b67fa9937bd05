import Foundation
import HTTPTransport
import Logging

extension BotAPIEmulator {
    /// Hands updates to the webhook until the task is cancelled.
    func deliver() async {
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                for (update, webhook) in takeDeliveries() {
                    group.addTask { await self.attempt(update, webhook) }
                }
                await change(before: state.webhook == nil ? nil : state.updates.nextWakeUp)
            }
            group.cancelAll()
        }
    }

    /// Ends what `deliver` may have left open.
    func closeConnections() async { await http.shutdown() }

    /// Updates that may be sent now, as many as Telegram would open connections for.
    private func takeDeliveries() -> [(UpdateQueue.Pending, BotState.Webhook)] {
        guard let webhook = state.webhook else { return [] }
        // Without a success in the last 10 s one connection feels its way.
        let isProven = lastDelivery.map { ContinuousClock.now - $0 < .seconds(10) } ?? false
        let capacity = (isProven ? webhook.maximumConnections : 1) - deliveriesInFlight
        guard capacity > 0 else { return [] }
        let updates = state.updates.take(capacity, at: .now)
        deliveriesInFlight += updates.count
        return updates.map { ($0, webhook) }
    }

    private func attempt(_ update: UpdateQueue.Pending, _ webhook: BotState.Webhook) async {
        let (began, start) = (Date().timeIntervalSince1970, ContinuousClock.now)
        var headers = [("Content-Type", "application/json")]
        if !webhook.secret.isEmpty { headers.append(("X-Telegram-Bot-Api-Secret-Token", webhook.secret)) }
        let result: Result<HTTPResponse, HTTPError>
        do throws(HTTPError) {
            result = .success(
                try await http.execute(
                    HTTPRequest(
                        method: "POST", url: webhook.url, headers: headers,
                        body: .bytes(update.body.serialized),
                        deadline: start + configuration.deliveryTimeout, connectTimeout: .seconds(10))))
        } catch {
            result = .failure(error)
        }
        deliveriesInFlight -= 1
        let error = Self.complaint(about: result)
        var wait: Duration?
        if let error {
            let retryAfter =
                (try? result.get()).flatMap { $0.headers["Retry-After"] }.flatMap { Int($0) } ?? 0
            let fate = state.updates.failed(
                update.id, retryAfter: retryAfter, at: .now, jitter: .random(in: 0...1))
            if case .retried(let after) = fate { wait = after }
            state.lastError = (Int64(Date().timeIntervalSince1970), error)
            logger.debug("webhook failed", metadata: ["update": "\(update.id)", "error": "\(error)"])
        } else {
            lastDelivery = .now
            state.updates.succeeded(update.id)
        }
        attempts.append(
            DeliveryAttempt(
                updateID: update.id, time: began, seconds: (ContinuousClock.now - start).inSeconds,
                status: try? result.get().status, error: error, retryAfterSeconds: wait?.inSeconds))
        changed()
        if error == nil, let response = try? result.get() { await carryOut(response) }
    }

    /// In the words of `getWebhookInfo`; nil for a success.
    private static func complaint(about result: Result<HTTPResponse, HTTPError>) -> String? {
        switch result {
        case .success(let response) where response.head.isSuccess: nil
        case .success(let response): "Wrong response from the webhook: \(response.status)"
        case .failure(.connectFailed): "Connection refused"
        case .failure(.resolveFailed): "Failed to resolve host"
        case .failure(.timedOut(phase: .connect)): "Connection timed out"
        case .failure(.timedOut): "Read timeout expired"
        case .failure(.tlsFailed), .failure(.certificateRejected): "SSL error"
        case .failure: "Connection closed"
        }
    }

    /// A webhook may call one method in its answer. Nobody learns the result, and questions are pointless.
    private func carryOut(_ response: HTTPResponse) async {
        guard
            let call = try? CallReader.read(
                method: "", query: "", contentType: response.headers["Content-Type"], body: response.body)
        else { return }
        let method = call.text("method")
        let isIgnored =
            method.lowercased().hasPrefix("get")
            || ["", "setwebhook", "deletewebhook", "close", "logout"].contains(method.lowercased())
        guard !isIgnored else { return }
        var parameters = call.parameters
        parameters["method"] = nil
        _ = await handle(
            APICall(method: method, parameters: parameters, uploads: call.uploads), route: .webhook)
    }
}

extension Duration {
    fileprivate var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}
