import CoachDomain
import CoachStore
import Foundation
import JobQueue
import Logging
import Observability
import Postgres
import Redis
import ServiceLifecycle
import Support
import Synchronization

/// A ledger, a Redis database and a way to run workers on them, all of one test's own.
struct QueueFixture {
    let pool: PostgresPool
    let ledger: Ledger
    let redis: RedisConfiguration
    let client: RedisClient
    let hints: HintStream
    let advice = AdviceCatalogue([.internalTrouble: ["en": RichText(text: "Sorry.")]])
    let metrics = MetricsRegistry()
    let logger: Logger

    init() async throws {
        let uri = try await TestServers.shared.migratedDatabase()
        pool = try PostgresPool(configuration: PostgresConfiguration(uri: uri, poolSize: 4))
        ledger = Ledger(pool: pool, actor: "queue-test")
        redis = try RedisConfiguration(uri: try await TestServers.shared.redisDatabase())
        client = RedisClient(configuration: redis)
        hints = HintStream(redis: client, consumer: "consumer-1")
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        self.logger = logger
    }

    /// Accepts notes; announces them unless told not to.
    ///
    /// Each is another person's, unless they are all of one.
    func accept(_ count: Int, announced: Bool = true, of person: Int64? = nil, from first: Int = 1)
        async throws
        -> [JobID]
    {
        let notes = (first..<first + count).map {
            IncomingNote(
                userID: person ?? Int64($0), chatID: person ?? Int64($0), updateID: Int64($0),
                messageID: Int64($0), kind: .voice, fileID: "f",
                fileUniqueID: nil, fileBytes: nil, mimeType: nil, declaredSeconds: nil, languageCode: nil)
        }
        let accepted = try await ledger.accept(notes, botID: 1, deadline: nil)
        let hinted = accepted.sorted { $0.key < $1.key }.compactMap(\.value.hint)
        if announced { try await hints.announce(hinted) }
        return accepted.values.map(\.job).sorted { $0.rawValue < $1.rawValue }
    }

    func runner(
        _ handler: ScriptedHandler, concurrency: Int = 4, consumer: String = "consumer-1",
        _ adjust: (inout JobRunnerConfiguration) -> Void = { _ in }
    ) -> JobRunner {
        var configuration = JobRunnerConfiguration(concurrency: concurrency)
        configuration.block = .milliseconds(200)
        adjust(&configuration)
        return JobRunner(
            handler: handler, ledger: ledger, hints: HintStream(redis: client, consumer: consumer),
            redis: redis,
            advice: advice, configuration: configuration, metrics: metrics, logger: logger)
    }

    var sweeper: Sweeper {
        Sweeper(
            ledger: ledger, hints: hints, advice: advice, notice: ["en": RichText(text: "Wait.")],
            tick: .milliseconds(50), settling: .zero, metrics: metrics, logger: logger)
    }

    /// Runs services until `body` returns, then stops them gracefully and waits for their end.
    func with(_ services: [any Service], _ body: () async throws -> Void) async throws {
        let group = ServiceGroup(services: services, logger: logger)
        let running = Task { try await group.run() }
        do {
            try await body()
        } catch {
            await group.triggerGracefulShutdown()
            try? await running.value
            throw error
        }
        await group.triggerGracefulShutdown()
        try await running.value
    }

    /// Entries in a stage's stream, read or not.
    func length(of stage: JobStage) async throws -> Int {
        guard case .integer(let count) = try await client.send(RedisCommand("XLEN", stage.stream)) else {
            throw Impatience()
        }
        return Int(count)
    }

    func states() async throws -> [String: Int] {
        var states: [String: Int] = [:]
        for count in try await ledger.jobCounts() where count.stage == .transcribe {
            states[count.state.rawValue] = count.count
        }
        return states
    }

    func integer(_ sql: String) async throws -> Int {
        try await pool.query(PostgresStatement(sql)).first?.decode(0, as: Int.self) ?? -1
    }

    func execute(_ sql: String) async throws { _ = try await pool.query(PostgresStatement(sql)) }
}

struct Impatience: Error {}

/// Polls until `condition` holds; the limit only ends a test that would hang.
func eventually(_ condition: () async throws -> Bool) async throws {
    for _ in 0..<3_000 {
        if try await condition() { return }
        try await Task.sleep(for: .milliseconds(10))
    }
    throw Impatience()
}

/// Does to each job what the test wants, and counts.
final class ScriptedHandler: StageHandler {
    let stage = JobStage.transcribe
    let longestAttempt: Duration
    private let work: @Sendable (ClaimedJob, Int) async -> StageResult
    private let state = Mutex(State())

    private struct State {
        var runs: [JobID: Int] = [:]
        var running = 0
        var mostAtOnce = 0
    }

    init(
        longestAttempt: Duration = .seconds(60),
        _ work: @escaping @Sendable (_ job: ClaimedJob, _ run: Int) async -> StageResult
    ) {
        self.longestAttempt = longestAttempt
        self.work = work
    }

    /// Stores a transcript under the job's lease, as the audio worker does.
    static func succeeding(_ ledger: Ledger) -> ScriptedHandler {
        ScriptedHandler { job, _ in await complete(job, ledger) }
    }

    static func complete(_ job: ClaimedJob, _ ledger: Ledger) async -> StageResult {
        do {
            let next = try await ledger.completeTranscription(
                job.lease, .empty, coachWithin: .seconds(25), calls: [])
            return .completed(next: next)
        } catch {
            return .leaseLost
        }
    }

    func run(_ job: ClaimedJob) async -> StageResult {
        let run = state.withLock { state in
            state.running += 1
            state.mostAtOnce = max(state.mostAtOnce, state.running)
            state.runs[job.lease.job, default: 0] += 1
            return state.runs[job.lease.job] ?? 0
        }
        defer { state.withLock { $0.running -= 1 } }
        return await work(job, run)
    }

    var totalRuns: Int { state.withLock { $0.runs.values.reduce(0, +) } }
    var mostAtOnce: Int { state.withLock(\.mostAtOnce) }
    var running: Int { state.withLock(\.running) }
}

extension TranscribedNote {
    static var empty: TranscribedNote {
        TranscribedNote(
            audio: AudioSummary(
                originalSeconds: 1, speechSeconds: 1, uploadSeconds: 1, uploadBytes: 1, sampleRateHz: 16_000,
                speed: 1, speedReason: "test", pipelineVersion: "test", isPartial: false, timeline: []),
            transcript: Transcript(
                text: "", language: nil, provider: "test", model: "test",
                capabilities: RecognizerCapabilities(
                    fillers: .notAvailable, wordTimes: false, wordConfidence: false), words: []),
            metrics: SpeechMetrics())
    }
}
