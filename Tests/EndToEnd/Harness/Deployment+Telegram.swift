import BotAPIEmulator

/// Telegram's doings and failures, in the words of the scenarios.
extension Deployment {
    func limitRate(of method: String, seconds: Int, times: Int? = 1) async {
        await telegram.add(Fault(method, .rateLimited(seconds: seconds), times: times))
    }

    /// An HTML page of a gateway instead of an answer.
    func breakGateway(before method: String, status: Int = 502, times: Int? = 1) async {
        await telegram.add(Fault(method, .gateway(status: status), times: times))
    }

    func refuse(_ method: String, code: Int = 400, _ description: String, times: Int? = 1) async {
        await telegram.add(Fault(method, .refused(code: code, description: description), times: times))
    }

    /// The call is carried out, but its answer never arrives.
    func loseAnswer(of method: String, times: Int? = 1) async {
        await telegram.add(Fault(method, .dropReply, times: times))
    }

    /// The next edit is carried out at once and answered much later.
    func delayEdit() async {
        await telegram.add(Fault("editMessageText", .delay(milliseconds: 20_000)))
    }

    func healTelegram() async { await telegram.clearFaults() }

    // MARK: Telegram's side of the webhook

    /// What the webhook answered to each delivery, in order; `nil` for no answer.
    func deliveryStatuses() async -> [Int?] { await telegram.deliveryAttempts.map(\.status) }

    /// Updates that the bot has not taken yet.
    func pendingUpdates() async -> Int { await telegram.pendingUpdateCount }
}
