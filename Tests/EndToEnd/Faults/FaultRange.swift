import Foundation
import ProviderFakes
import Testing

/// A deployment whose every link leads over a proxy and whose processes are replaced when they die.
final class FaultRange: Sendable {
    enum Link: String, CaseIterable, Sendable {
        case postgres, redis, telegram, openAI, anthropic
        /// From Telegram to the webhook.
        case webhook
    }

    let coach: Deployment
    private let proxies: [Link: FaultProxy]
    private let supervisor: Task<Void, Never>

    subscript(link: Link) -> FaultProxy {
        guard let proxy = proxies[link] else { preconditionFailure("no proxy for \(link)") }
        return proxy
    }

    /// - Parameters:
    ///   - roles: Kept at these numbers.
    ///   - failpoints: For the first process that is started beyond `roles`, one process each.
    static func run<Result>(
        _ roles: [Deployment.Role: Int] = [.webhook: 1, .audioWorker: 2, .feedbackWorker: 2],
        failpoints: [(Deployment.Role, String)] = [],
        plan change: (inout Deployment.Plan) -> Void = { _ in },
        _ body: (FaultRange) async throws -> Result
    ) async throws -> Result {
        var plan = Deployment.Plan.noRoles
        plan.ownServers = true
        change(&plan)
        return try await Deployment.run(plan) { coach in
            let range = try FaultRange(coach, roles)
            do {
                try await range.start(roles, failpoints)
                let result = try await body(range)
                await range.stop()
                return result
            } catch {
                await range.stop()
                throw error
            }
        }
    }

    private init(_ coach: Deployment, _ roles: [Deployment.Role: Int]) throws {
        self.coach = coach
        let proxies: [Link: FaultProxy] = [
            .postgres: try FaultProxy(to: Self.target(coach.databaseURI, socket: ".s.PGSQL.5432")),
            .redis: try FaultProxy(to: Self.target(coach.redisURI, socket: "")),
            .telegram: try FaultProxy(to: Self.target(coach.telegramURL, socket: "")),
            .openAI: try FaultProxy(to: Self.target(coach.openAI.baseURL, socket: "")),
            .anthropic: try FaultProxy(to: Self.target(coach.anthropic.baseURL, socket: "")),
            .webhook: try FaultProxy(to: .port(1)),
        ]
        self.proxies = proxies
        supervisor = Task {
            // Whoever died is replaced, as an operator's supervisor does; without failpoints.
            while !Task.isCancelled {
                try? await Task.sleep(for: .milliseconds(200))
                for (role, count) in roles {
                    let running = coach.processes(role).filter { $0.program.isRunning }.count
                    guard running > 0 || !coach.processes(role).isEmpty, running < count else { continue }
                    _ = try? await Self.launch(role, coach, proxies)
                }
            }
        }
    }

    /// Starts one more process; of webhooks the newest that runs gets the updates.
    @discardableResult
    func launch(
        _ role: Deployment.Role, failpoints: String = "", settings: [String: String] = [:]
    ) async throws -> Deployment.Process {
        try await Self.launch(role, coach, proxies, failpoints: failpoints, extra: settings)
    }

    @discardableResult
    private static func launch(
        _ role: Deployment.Role, _ coach: Deployment, _ proxies: [Link: FaultProxy], failpoints: String = "",
        extra: [String: String] = [:]
    ) async throws -> Deployment.Process {
        var settings = [
            "DATABASE_URL": "postgresql://postgres@127.0.0.1:\(proxies[.postgres]?.port ?? 0)/postgres",
            "REDIS_URL": "redis://127.0.0.1:\(proxies[.redis]?.port ?? 0)",
            "TELEGRAM_API_URL": "http://127.0.0.1:\(proxies[.telegram]?.port ?? 0)",
            "OPENAI_BASE_URL": "http://127.0.0.1:\(proxies[.openAI]?.port ?? 0)/v1",
            "ANTHROPIC_BASE_URL": "http://127.0.0.1:\(proxies[.anthropic]?.port ?? 0)", "LOG_LEVEL": "info",
        ]
        settings["SPEECHCOACH_FAILPOINTS"] = failpoints
        settings.merge(extra) { _, own in own }
        let process = try await coach.start(role, settings: settings)
        if role == .webhook, let port = process.origin.split(separator: ":").last.flatMap({ Int($0) }) {
            proxies[.webhook]?.lead(to: .port(port))
            // Telegram keeps its connections.
            proxies[.webhook]?.cut(.finished)
        }
        return process
    }

    private func start(_ roles: [Deployment.Role: Int], _ failpoints: [(Deployment.Role, String)])
        async throws
    {
        try await coach.command(["migrate"]).expect(.code(0))
        // Those that are to be struck come first, so that they get work.
        for (role, text) in failpoints { try await Self.launch(role, coach, proxies, failpoints: text) }
        for (role, count) in roles {
            for _ in coach.processes(role).count..<max(count, coach.processes(role).count) {
                try await Self.launch(role, coach, proxies)
            }
        }
        let body: JSON = [
            "url": .string("http://127.0.0.1:\(self[.webhook].port)/telegram/webhook"),
            "secret_token": .string(Deployment.Secrets.webhook), "max_connections": 40,
        ]
        let answer = try await HTTP.post(
            coach.telegramURL + "/bot\(Deployment.Secrets.token)/setWebhook", body: body.bytes)
        #expect(answer.status == 200)
    }

    private func stop() async {
        supervisor.cancel()
        await supervisor.value
        for proxy in proxies.values { proxy.stop() }
    }

    // MARK: Notes

    /// Sends notes of as many people.
    func send(_ count: Int, seconds: Int = 4) async throws -> (sent: [FaultOracle.Sent], chats: [Chat]) {
        var sent: [FaultOracle.Sent] = []
        var chats: [Chat] = []
        let note = try await Fixtures.shortTalk.bytes
        for _ in 0..<count {
            let chat = coach.chat()
            sent.append(
                FaultOracle.Sent(chat: chat.id, message: try await chat.send("voice", note, seconds: seconds))
            )
            chats.append(chat)
        }
        return (sent, chats)
    }

    /// Waits for the end of all work, then judges.
    ///
    /// - Returns: The verdict, and how long it took.
    func verdict(
        _ sent: [FaultOracle.Sent], _ chats: [Chat], within limit: Duration
    ) async throws -> (FaultOracle, Duration) {
        let start = ContinuousClock.now
        try await eventually("all \(sent.count) notes are in the ledger", within: limit) {
            try await coach.ledger.count("voice_messages") >= sent.count
        }
        try await coach.ledger.settled(within: limit, expecting: sent.count * 2)
        return (try await FaultOracle.judge(sent, chats, coach), .now - start)
    }

    /// Where a URI of the harness leads: a unix socket or a port of this machine.
    private static func target(_ uri: String, socket name: String) throws -> FaultProxy.Target {
        let decoded = uri.removingPercentEncoding ?? uri
        if let host = decoded.firstMatch(of: /[?&]host=([^&]+)/)?.1 {
            return .socket(path: "\(host)/\(name)")
        }
        if let path = decoded.firstMatch(of: /unix:\/\/([^?]+)/)?.1 { return .socket(path: String(path)) }
        guard let port = decoded.firstMatch(of: /:\/\/[^\/]*:([0-9]+)/).flatMap({ Int($0.1) }) else {
            throw NeverHappened(description: "no way to \(uri)")
        }
        return .port(port)
    }
}
