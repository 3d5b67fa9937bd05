import CoachDomain
import CoachStore
import EmbeddedStack
import Foundation
import JobQueue
import Logging
import Observability
import Postgres
import Redis
import ServiceLifecycle
import Synchronization

/// A stage that does nothing: what is measured is the queue. Every claim and every end is a commit.
struct EmptyStage: StageHandler {
    let stage = JobStage.deliver
    let longestAttempt = Duration.seconds(60)
    let ledger: Ledger
    let begun: @Sendable (ClaimedJob) -> Void

    func run(_ job: ClaimedJob) async -> StageResult {
        begun(job)
        do {
            try await ledger.completeDelivery(job.lease, as: .delivered, messageID: 1)
            return .completed(next: [])
        } catch {
            return .ended
        }
    }
}

extension StageResult {
    static var ended: StageResult {
        .failed(JobFailure(.transient, code: "benchmark.failed", detail: ""), calls: [])
    }
}

let arguments = CommandLine.arguments.dropFirst().compactMap { Int($0) }
let jobs = arguments.first ?? 5_000
let directory = FileManager.default.temporaryDirectory.appending(path: "queue-benchmark-\(getpid())")
// Durable, as in production: every commit is flushed.
let stack = try await EmbeddedStack.start(directory: directory, ephemeral: false)
let pool = try PostgresPool(configuration: PostgresConfiguration(uri: stack.postgres.uri, poolSize: 16))
_ = try await Migrator(pool: pool).migrate()
let ledger = Ledger(pool: pool, actor: "benchmark")
let redis = try RedisConfiguration(uri: stack.redis.uri)
let client = RedisClient(configuration: redis)
let hints = HintStream(redis: client, consumer: "benchmark")
let nextUpdate = Mutex<Int64>(0)

func accept(_ count: Int) async throws -> [JobHint] {
    let first = nextUpdate.withLock { next in
        defer { next += Int64(count) }
        return next
    }
    let questions = (0..<Int64(count)).map {
        IncomingQuestion(
            userID: first + $0, chatID: first + $0, updateID: first + $0, messageID: 1, languageCode: nil,
            answer: RichText(text: "x"))
    }
    return try await ledger.accept(questions, botID: 1, deadline: nil).values.compactMap(\.hint)
}

func run(concurrency: Int, begun: @escaping @Sendable (ClaimedJob) -> Void, _ body: () async throws -> Void)
    async throws
{
    var logger = Logger(label: "benchmark")
    logger.logLevel = .critical
    let runner = JobRunner(
        handler: EmptyStage(ledger: ledger, begun: begun), ledger: ledger, hints: hints, redis: redis,
        advice: AdviceCatalogue([:]), configuration: JobRunnerConfiguration(concurrency: concurrency),
        metrics: MetricsRegistry(), logger: logger)
    let group = ServiceGroup(services: [runner], logger: logger)
    let running = Task { try await group.run() }
    try await body()
    await group.triggerGracefulShutdown()
    try await running.value
}

func open() async throws -> Int {
    try await pool.query(PostgresStatement("select count(*) from jobs where state <> 'succeeded'"))
        .first?.decode(0, as: Int.self) ?? 0
}

func cpuSeconds() -> Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
        + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
}

for concurrency in [1, 100] {
    let count = concurrency == 1 ? jobs / 5 : jobs
    for start in stride(from: 0, to: count, by: 500) {
        try await hints.announce(try await accept(min(500, count - start)))
    }
    let done = Mutex(0)
    let (start, cpu) = (ContinuousClock.now, cpuSeconds())
    try await run(concurrency: concurrency, begun: { _ in done.withLock { $0 += 1 } }) {
        while done.withLock({ $0 }) < count { try await Task.sleep(for: .milliseconds(5)) }
        while try await open() > 0 { try await Task.sleep(for: .milliseconds(2)) }
    }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    print(
        "concurrency \(concurrency): \(count) jobs in \(String(format: "%.2f", seconds)) s, "
            + "\(Int(Double(count) / seconds)) jobs/s, "
            + "\(Int((cpuSeconds() - cpu) / Double(count) * 1e6)) µs of CPU each")
}

// From the announcement of a committed job to the first line of its stage; the claim's commit is inside.
let started = Mutex<[JobID: ContinuousClock.Instant]>([:])
var waits: [Double] = []
try await run(
    concurrency: 4, begun: { job in started.withLock { $0[job.lease.job] = .now } }
) {
    for _ in 0..<500 {
        let hint = try await accept(1)
        let announced = ContinuousClock.now
        try await hints.announce(hint)
        while true {
            if let begun = started.withLock({ $0[hint[0].job] }) {
                waits.append((begun - announced) / .milliseconds(1))
                break
            }
            try await Task.sleep(for: .milliseconds(1))
        }
        try await Task.sleep(for: .milliseconds(5))
    }
}
waits.sort()
print(
    "enqueue to start, idle: p50 \(String(format: "%.2f", waits[waits.count / 2])) ms, "
        + "p99 \(String(format: "%.2f", waits[waits.count * 99 / 100])) ms")
await client.close()
await pool.close()
await stack.stop()
try? FileManager.default.removeItem(at: directory)
