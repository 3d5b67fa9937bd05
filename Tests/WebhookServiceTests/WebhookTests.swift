import CoachDomain
import CoachStore
import Conversation
import Foundation
import HTTPTypes
import Hummingbird
import JobQueue
import Logging
import NIOCore
import Observability
import Postgres
import Redis
import Support
import Testing
import WebhookService

struct WebhookTests {
    let pool: PostgresPool
    let hints: HintStream
    let metrics = MetricsRegistry()
    let controller: WebhookController

    init() async throws {
        pool = try PostgresPool(
            configuration: PostgresConfiguration(
                uri: try await TestServers.shared.migratedDatabase(), poolSize: 4))
        hints = HintStream(
            redis: RedisClient(
                configuration: try RedisConfiguration(uri: try await TestServers.shared.redisDatabase())),
            consumer: "test")
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        controller = WebhookController(
            secret: "right", classifier: UpdateClassifier(),
            intake: IntakeBatcher(
                ledger: Ledger(pool: pool, actor: "test"), hints: hints, botID: 1, logger: logger),
            metrics: metrics, logger: logger)
    }

    private static let secret = HTTPField.Name("X-Telegram-Bot-Api-Secret-Token")

    private struct Answer {
        var status: HTTPResponse.Status
        var retryAfter: String?
        var body: [UInt8]
    }

    private func post(_ body: String, secret: String? = "right") async throws -> Answer {
        try await post(ByteBuffer(string: body), secret: secret)
    }

    private func post(_ body: ByteBuffer, secret: String? = "right") async throws -> Answer {
        var head = HTTPRequest(
            method: .post, scheme: "http", authority: "coach", path: WebhookController.path)
        if let name = Self.secret { head.headerFields[name] = secret }
        let response = await controller.receive(Request(head: head, body: RequestBody(buffer: body)))
        let sink = BodySink()
        try await response.body.write(sink)
        return Answer(
            status: response.status, retryAfter: response.headers[.retryAfter], body: await sink.bytes.value)
    }

    /// Gathers what a response writes.
    private struct BodySink: ResponseBodyWriter {
        let bytes = Gathered()

        actor Gathered {
            private(set) var value: [UInt8] = []
            func append(_ more: [UInt8]) { value += more }
        }

        func write(_ buffer: ByteBuffer) async throws { await bytes.append(Array(buffer.readableBytesView)) }
        func finish(_ trailingHeaders: HTTPFields?) async throws {}
    }

    private func voice(update: Int, person: Int = 5) -> String {
        #"{"update_id": \#(update), "message": {"message_id": \#(update), "chat": {"id": \#(person), "type": "private"}, "from": {"id": \#(person)}, "voice": {"file_id": "f"}}}"#
    }

    private func jobs() async throws -> Int {
        try await pool.query(PostgresStatement("select count(*) from jobs")).first?.decode(0, as: Int.self)
            ?? -1
    }

    @Test func `a voice note is committed, announced and acknowledged with a reaction`() async throws {
        let response = try await post(voice(update: 1))
        #expect(response.status == .ok)
        let body =
            try JSONSerialization.jsonObject(with: Data(response.body)) as? [String: Any]
        #expect(body?["method"] as? String == "setMessageReaction")
        #expect(try await jobs() == 1)
        #expect(try await hints.unread(of: .transcribe) == 1)
    }

    @Test func `without the right secret nothing is read`() async throws {
        for secret in [nil, "", "wrong", "righ", "rightt"] {
            #expect(try await post(voice(update: 1), secret: secret).status == .unauthorized)
        }
        #expect(try await jobs() == 0)
    }

    @Test func `a body over one mebibyte is refused`() async throws {
        let body = ByteBuffer(repeating: UInt8(ascii: " "), count: (1 << 20) + 1)
        #expect(try await post(body).status == .contentTooLarge)
    }

    @Test(arguments: [
        "", "not json", "[]", "{}", #"{"update_id": "x"}"#, "\u{0}\u{1}", #"{"update_id": 1, "poll": {}}"#,
    ])
    func `what can never be understood is acknowledged and forgotten`(body: String) async throws {
        #expect(try await post(body).status == .ok)
        #expect(try await jobs() == 0)
    }

    @Test func `forty deliveries of the same update at once are one job`() async throws {
        try await withThrowingTaskGroup(of: HTTPResponse.Status.self) { group in
            for _ in 1...40 { group.addTask { try await post(voice(update: 7)).status } }
            for try await status in group { #expect(status == .ok) }
        }
        #expect(try await jobs() == 1)
        #expect(metrics.counter(MetricsCatalogue.duplicateUpdates).total == 39)
    }

    @Test func `many people at once each get a job`() async throws {
        try await withThrowingTaskGroup(of: HTTPResponse.Status.self) { group in
            for update in 1...100 {
                group.addTask { try await post(voice(update: update, person: update)).status }
            }
            for try await status in group { #expect(status == .ok) }
        }
        #expect(try await jobs() == 100)
        #expect(try await hints.unread(of: .transcribe) == 100)
    }

    @Test func `a row that Postgres refuses is dropped alone`() async throws {
        // 2^63 is no bigint: the decoder leaves such an id out, so the update is of no interest.
        #expect(
            try await post(
                voice(update: 1).replacing(#""update_id": 1"#, with: #""update_id": 9223372036854775808"#)
            ).status == .ok)
        #expect(try await jobs() == 0)
    }

    @Test func `with the ledger out of reach Telegram is asked to come again`() async throws {
        await pool.close()
        let response = try await post(voice(update: 1))
        #expect(response.status == .serviceUnavailable)
        #expect(response.retryAfter == "5")
    }

    @Test func `a database without tables loses nothing either`() async throws {
        _ = try await pool.query(PostgresStatement("drop table users cascade"))
        #expect(try await post(voice(update: 1)).status == .serviceUnavailable)
    }
}
