import BotAPIEmulator
import EmbeddedStack
import Foundation
import Logging
import ProviderFakes
import Support
import Synchronization
import Testing

/// Speech Coach as an operator runs it: one process per role, on a database, a Redis, a Telegram and vendors
/// of its own.
final class Deployment: Sendable {
    /// What a scenario wants.
    struct Plan: Sendable {
        var webhooks = 1
        var audioWorkers = 1
        var feedbackWorkers = 1
        /// Whether Telegram knows the webhook; without it updates are posted by hand.
        var telegramDelivers = true
        /// Servers that may be stopped, instead of those shared by all tests.
        var ownServers = false
        /// With own servers: Redis keeps an append-only file.
        var redisIsDurable = false
        /// With own servers: where their files are; `nil` for the deployment's own directory.
        var postgresDirectory: URL?
        var redisDirectory: URL?
        /// Settings besides, or instead of, the usual ones; an empty value removes one.
        var settings: [String: String] = [:]

        static let webhookOnly = Plan(audioWorkers: 0, feedbackWorkers: 0, telegramDelivers: false)
        static let noRoles = Plan(webhooks: 0, audioWorkers: 0, feedbackWorkers: 0, telegramDelivers: false)
    }

    enum Role: String, CaseIterable, Sendable {
        case webhook
        case audioWorker = "audio-worker"
        case feedbackWorker = "feedback-worker"
        /// All of them in one process.
        case whole = "up"
    }

    /// One running role.
    struct Process: Sendable {
        let role: Role
        let program: Program
        /// Of its health and metrics routes.
        let origin: String
    }

    /// Shaped like real ones, so that a leak into a log would look like a real leak.
    enum Secrets {
        static let token = "4711:AAcanaryTokenCanaryTokenCanaryToken"
        static let webhook = "canary-webhook-secret"
        static let openAI = "sk-canary-openai-key"
        static let anthropic = "sk-ant-canary-anthropic-key"

        static let all = [token, webhook, openAI, anthropic]
    }

    let directory: URL
    let telegram: BotAPIEmulator
    let telegramURL: String
    let openAI: FakeOpenAI
    let anthropic: FakeAnthropic
    let ledger: LedgerView
    let databaseURI: String
    let redisURI: String
    let postgres: PrivatePostgres
    let redis: PrivateRedis
    private let running: RunningEmulator
    private let plan: Plan
    private let state = Mutex((processes: [Process](), started: 0))

    // MARK: Life

    /// Starts what the plan asks for, runs the scenario, and ends every process.
    static func run<Result>(
        _ plan: Plan = Plan(), _ scenario: (Deployment) async throws -> Result
    ) async throws -> Result {
        try await Turnstile.shared.pass {
            let deployment = try await Deployment(plan)
            do {
                try await deployment.startRoles()
                let result = try await scenario(deployment)
                await deployment.end(keepingFiles: false)
                return result
            } catch {
                Issue.record("\(error)\n\(deployment.evidence)\nfiles: \(deployment.directory.path)")
                await deployment.end(keepingFiles: true)
                throw error
            }
        }
    }

    /// For a deployment that lives as long as the tests.
    static func start(_ plan: Plan) async throws -> Deployment {
        let deployment = try await Deployment(plan)
        try await deployment.startRoles()
        return deployment
    }

    /// Removes what runs of the past have left, for inspection or because they were killed.
    private static let sweep: Void = {
        let files = FileManager.default
        let place = files.temporaryDirectory
        for name in (try? files.contentsOfDirectory(atPath: place.path)) ?? [] {
            guard let match = name.wholeMatch(of: #/speechcoach-e2e-(\d+)-.*/#),
                let owner = pid_t(match.output.1),
                kill(owner, 0) != 0, errno == ESRCH
            else { continue }
            try? files.removeItem(at: place.appending(path: name))
        }
    }()

    private init(_ plan: Plan) async throws {
        _ = Self.sweep
        self.plan = plan
        directory = FileManager.default.temporaryDirectory
            .appending(path: "speechcoach-e2e-\(getpid())-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(
            at: directory.appending(path: "tmp"), withIntermediateDirectories: true)
        if plan.ownServers {
            // Fast, except that what was committed survives the death of the server.
            postgres = try await PrivatePostgres.start(
                dataDirectory: plan.postgresDirectory ?? directory.appending(path: "postgres"),
                ephemeral: true,
                settings: ["synchronous_commit": "on"])
            redis = try await PrivateRedis.start(
                dataDirectory: plan.redisDirectory ?? directory.appending(path: "redis"),
                ephemeral: !plan.redisIsDurable)
            databaseURI = postgres.uri
            redisURI = redis.uri
        } else {
            postgres = try await TestServers.shared.postgres()
            redis = try await TestServers.shared.redis()
            databaseURI = try await TestServers.shared.migratedDatabase()
            redisURI = try await TestServers.shared.redisDatabase()
        }
        openAI = try FakeOpenAI(apiKey: Secrets.openAI)
        anthropic = try FakeAnthropic(apiKey: Secrets.anthropic)
        var quiet = Logger(label: "emulator")
        quiet.logLevel = .critical
        running = try await RunningEmulator.start(
            configuration: .init(token: Secrets.token, timeScale: 0.2), logger: quiet)
        telegram = running.emulator
        telegramURL = running.url
        ledger = try LedgerView(uri: databaseURI)
    }

    private func startRoles() async throws {
        if plan.ownServers { try await command(["migrate"]).expect(.code(0)) }
        let roles =
            Array(repeating: Role.webhook, count: plan.webhooks)
            + Array(repeating: Role.audioWorker, count: plan.audioWorkers)
            + Array(repeating: Role.feedbackWorker, count: plan.feedbackWorkers)
        for role in roles { try await launch(role) }
        for process in processes { try await ready(process) }
        if plan.telegramDelivers { try await connectWebhook() }
    }

    private func end(keepingFiles: Bool) async {
        for process in processes { process.program.send(SIGKILL) }
        for process in processes { await process.program.destroy() }
        for process in processes { process.checkLog() }
        await running.stop()
        openAI.stop()
        anthropic.stop()
        await ledger.close()
        if plan.ownServers {
            await postgres.stop()
            await redis.stop()
        }
        if !keepingFiles { try? FileManager.default.removeItem(at: directory) }
    }

    // MARK: Processes

    var processes: [Process] { state.withLock { $0.processes } }

    func processes(_ role: Role) -> [Process] { processes.filter { $0.role == role } }

    func process(_ role: Role) throws -> Process {
        try #require(processes(role).first { $0.program.isRunning }, "no \(role.rawValue) is running")
    }

    /// Starts one more process of a role and waits until it is ready.
    @discardableResult
    func start(_ role: Role, settings: [String: String] = [:]) async throws -> Process {
        let process = try await launch(role, settings: settings)
        try await ready(process)
        return process
    }

    func startUp(_ settings: [String: String]) async throws -> Process {
        try await start(.whole, settings: settings)
    }

    func emptyDatabase() async throws -> String { try await TestServers.shared.emptyDatabase() }

    /// Starts a process that has no chance to become ready yet; returns when it serves its health.
    func startUnready(_ role: Role) async throws -> Process {
        let process = try await launch(role)
        try await eventually("\(process.program.name) answers") {
            (try? await HTTP.get(process.origin + "/health/live"))?.status == 200
        }
        return process
    }

    @discardableResult
    private func launch(_ role: Role, settings: [String: String] = [:]) async throws -> Process {
        let number = state.withLock { state in
            state.started += 1
            return state.started
        }
        let port = settings["PORT"] ?? "\(Ports.free())"
        let program = try await Program.start(
            [role.rawValue], name: "\(role.rawValue)-\(number)",
            environment: environment(["PORT": port].merging(settings) { _, own in own }), directory: directory
        )
        let process = Process(role: role, program: program, origin: "http://127.0.0.1:\(port)")
        state.withLock { $0.processes.append(process) }
        return process
    }

    private func ready(_ process: Process) async throws {
        try await eventually("\(process.program.name) is ready") {
            if let end = process.program.end {
                throw NeverHappened(description: "\(process.program.name) ended with \(end)")
            }
            return (try? await HTTP.get(process.origin + "/health/ready"))?.status == 200
        }
    }

    /// Ends all processes of a role and starts a fresh one.
    ///
    /// - Parameter forgetting: Whether what was known of the vendors is forgotten too.
    func replace(_ role: Role, forgetting: Bool = false) async throws {
        for process in processes(role) where process.program.isRunning { await process.program.destroy() }
        if forgetting { try await ledger.execute("delete from provider_state") }
        try await start(role)
    }

    /// Runs a command of the program to its end.
    func command(
        _ arguments: [String], settings: [String: String] = [:], within limit: Duration = .seconds(120)
    ) async throws -> CommandResult {
        let number = state.withLock { state in
            state.started += 1
            return state.started
        }
        let program = try await Program.start(
            arguments, name: "command-\(number)", environment: environment(settings), directory: directory)
        do {
            let end = try await program.ended(within: limit)
            return CommandResult(
                arguments: arguments, end: end, output: program.output, errors: program.errors)
        } catch {
            await program.destroy()
            throw error
        }
    }

    /// What a role is told; `extra` wins over the plan, and the plan over the usual.
    func environment(_ extra: [String: String] = [:]) -> [String: String] {
        var settings = [
            "DATABASE_URL": databaseURI, "DATABASE_POOL_SIZE": "4", "REDIS_URL": redisURI,
            "TELEGRAM_BOT_TOKEN": Secrets.token, "TELEGRAM_API_URL": telegramURL,
            "TELEGRAM_WEBHOOK_SECRET": Secrets.webhook, "STT_PROVIDERS": "openai,pocketsphinx",
            "LLM_PROVIDERS": "openai,anthropic,rules", "OPENAI_API_KEY": Secrets.openAI,
            "OPENAI_BASE_URL": openAI.baseURL, "OPENAI_STT_MODEL": "whisper-1",
            "OPENAI_LLM_MODEL": "gpt-6-luna", "ANTHROPIC_API_KEY": Secrets.anthropic,
            "ANTHROPIC_BASE_URL": anthropic.baseURL, "ANTHROPIC_MODEL": "claude-haiku-5-5",
            "LOG_FORMAT": "json", "LOG_LEVEL": "debug", "TMPDIR": directory.appending(path: "tmp").path,
        ]
        settings.merge(plan.settings) { _, own in own }
        settings.merge(extra) { _, own in own }
        return settings.filter { !$0.value.isEmpty }
    }

    // MARK: Telegram

    func chat() -> Chat { Chat(emulator: telegram) }

    func connectWebhook() async throws {
        let url = try process(.webhook).origin + "/telegram/webhook"
        let body: JSON = [
            "url": .string(url), "secret_token": .string(Secrets.webhook), "max_connections": 40,
        ]
        let answer = try await HTTP.post(
            telegramURL + "/bot\(Secrets.token)/setWebhook", body: body.bytes)
        guard answer.status == 200 else { throw NeverHappened(description: "setWebhook: \(answer.text)") }
    }

    /// Removes one of the bot's messages, as a person may do on both sides.
    func delete(_ message: Int64, in chat: Chat) async throws {
        let body: JSON = ["chat_id": .integer(Int(chat.id)), "message_id": .integer(Int(message))]
        let answer = try await HTTP.post(
            telegramURL + "/bot\(Secrets.token)/deleteMessage", body: body.bytes)
        guard answer.status == 200 else { throw NeverHappened(description: "deleteMessage: \(answer.text)") }
    }

    // MARK: Evidence

    private var evidence: String {
        processes.map { process in
            "\(process.program.end.map { "(ended: \($0)) " } ?? "")\(process.program.tail)"
        }.joined(separator: "\n")
    }
}
