import Foundation
import HTTPTransport
package import Logging

/// A Bot API server for one bot, with people who talk to it: for demonstrations and tests.
///
/// It speaks Telegram's wire formats, refuses what Telegram refuses, and delivers updates the way Telegram does:
/// with its retry schedule, `Retry-After`, serial order per chat and the secret header. Everything is in memory.
/// It behaves like a Bot API server in local mode where a laptop needs that: plain HTTP webhooks on any port.
package actor BotAPIEmulator {
    package struct Configuration: Sendable {
        /// The only token that is accepted.
        package var token: String
        package var username: String
        /// Multiplies the waits of the retry schedule and the lifetime of updates.
        package var timeScale: Double
        /// How long the webhook may take for an answer.
        package var deliveryTimeout: Duration

        package init(
            token: String = "1000:emulated", username: String = "speech_coach_bot", timeScale: Double = 1,
            deliveryTimeout: Duration = .seconds(60)
        ) {
            self.token = token
            self.username = username
            self.timeScale = timeScale
            self.deliveryTimeout = deliveryTimeout
        }
    }

    package nonisolated let configuration: Configuration
    nonisolated let logger: Logger
    /// Redirects are not followed: Telegram takes them for failures.
    nonisolated let http = HTTPClient(
        configuration: .init(userAgent: "BotAPIEmulator", maximumConnectionsPerHost: 100))

    var state: BotState
    private var faults = FaultList()
    private var calls: [RecordedCall] = []
    private var lastSequence = 0
    var attempts: [DeliveryAttempt] = []
    var deliveriesInFlight = 0
    var lastDelivery: ContinuousClock.Instant?
    var pollGeneration = 0
    var nextPromptConflict: ContinuousClock.Instant?
    private var watchers: [Int: CheckedContinuation<Void, Never>] = [:]
    private var lastWatcher = 0

    package init(configuration: Configuration = .init(), logger: Logger = Logger(label: "bot-api-emulator")) {
        self.configuration = configuration
        self.logger = logger
        let botID = configuration.token.split(separator: ":").first.flatMap { Int64($0) } ?? 1000
        state = BotState(
            botID: botID, username: configuration.username, firstUpdateID: .random(in: 1...1_000_000_000),
            timeScale: configuration.timeScale)
    }

    var now: BotState.Moment {
        BotState.Moment(date: Int64(Date().timeIntervalSince1970), instant: .now)
    }

    // MARK: Acting as a person

    /// Does what a person would do in the app; the bot hears of it through its webhook or by polling.
    ///
    /// - Throws: ``EmulatorError`` when the app would not let a person do that.
    @discardableResult
    package func perform(_ action: UserAction, by user: EmulatedUser) throws -> UserActionResult {
        defer { changed() }
        do throws(Refusal) {
            return try state.perform(action, by: user, at: now)
        } catch {
            throw EmulatorError(reason: error.description)
        }
    }

    /// Puts a file on the emulated servers.
    ///
    /// - Returns: Its id, for ``UserAction/FileMessage/storedFileID``.
    package func store(_ bytes: [UInt8], filename: String?, mimeType: String?) -> String {
        state.store(bytes, folder: "documents", filename: filename, mimeType: mimeType).id
    }

    /// What a file holds that was sent by anybody.
    package func bytes(ofFile id: String) -> [UInt8]? { state.files[id]?.bytes }

    /// What stands in a chat, in the Bot API's own form, oldest first.
    package func messages(inChat id: Int64) -> [JSONValue] {
        (state.chats[id]?.messages ?? []).map { message in
            var fields = state.json(of: message).object ?? [:]
            fields["reactions"] = .array(message.reactions)
            return .object(fields)
        }
    }

    // MARK: Watching the bot

    /// The calls after a sequence number, oldest first.
    package func calls(after sequence: Int = 0) -> [RecordedCall] {
        calls.filter { $0.sequence > sequence }
    }

    package func forgetCalls() { calls = [] }

    /// The first call that fits, waiting for it if need be.
    ///
    /// - Returns: Nil when none came in time.
    package func firstCall(
        after sequence: Int = 0, within limit: Duration, where fits: @Sendable (RecordedCall) -> Bool
    ) async -> RecordedCall? {
        let deadline = ContinuousClock.now + limit
        while true {
            if let call = calls.first(where: { $0.sequence > sequence && fits($0) }) { return call }
            guard ContinuousClock.now < deadline, !Task.isCancelled else { return nil }
            await change(before: deadline)
        }
    }

    /// Every attempt to reach the webhook, oldest first.
    package var deliveryAttempts: [DeliveryAttempt] { attempts }
    /// Updates that the bot has not taken yet.
    package var pendingUpdateCount: Int { state.updates.pending.count }

    // MARK: Faults

    package func add(_ fault: Fault) { faults.add(fault) }
    package func clearFaults() { faults.removeAll() }
    package var activeFaults: [Fault] { faults.faults }

    // MARK: Calls of the bot

    /// What a request is answered with.
    enum Reply: Sendable {
        case envelope(APIAnswer)
        case gateway(status: Int)
        /// The connection breaks.
        case dropped
    }

    /// Carries out a call, faults included, and records it.
    func handle(_ call: APICall, route: RecordedCall.Route) async -> Reply {
        let effect = faults.strike(call.method)
        switch effect {
        case .rateLimited(let seconds):
            return finish(call, route, .failure(.tooManyRequests(retryAfter: seconds)))
        case .refused(let code, let description):
            return finish(call, route, .failure(Refusal(code: code, description: description)))
        case .gateway(let status):
            record(call, route, status: status, answer: .null)
            return .gateway(status: status)
        case .dropReply, .delay, nil: break
        }
        let answer =
            call.method.lowercased() == "getupdates" ? await getUpdates(call) : state.answer(call, at: now)
        let reply = finish(call, route, answer)
        switch effect {
        case .dropReply: return .dropped
        case .delay(let milliseconds):
            try? await Task.sleep(for: .milliseconds(milliseconds))
            return reply
        default: return reply
        }
    }

    /// Serves a download.
    func download(_ path: String) async -> (effect: Fault.Effect?, file: StoredFile?) {
        let effect = faults.strike("file")
        let file = state.file(atPath: path)
        let status =
            switch effect {
            case .rateLimited: 429
            case .refused(let code, _): code
            case .gateway(let status): status
            case .dropReply, .delay, nil: file == nil ? 404 : 200
            }
        record(
            APICall(method: "file", parameters: ["path": .string(path)]), .file, status: status, answer: .null
        )
        if case .delay(let milliseconds) = effect { try? await Task.sleep(for: .milliseconds(milliseconds)) }
        return (effect, file)
    }

    private func finish(_ call: APICall, _ route: RecordedCall.Route, _ answer: APIAnswer) -> Reply {
        record(call, route, status: answer.status, answer: answer.envelope)
        return .envelope(answer)
    }

    private func record(_ call: APICall, _ route: RecordedCall.Route, status: Int, answer: JSONValue) {
        lastSequence += 1
        calls.append(
            RecordedCall(
                sequence: lastSequence, time: Date().timeIntervalSince1970, route: route, method: call.method,
                parameters: .object(call.parameters),
                uploads: call.uploads.mapValues {
                    .init(filename: $0.filename, contentType: $0.contentType, byteCount: $0.bytes.count)
                },
                status: status, answer: answer))
        logger.debug("call", metadata: ["method": "\(call.method)", "status": "\(status)"])
        changed()
    }

    // MARK: Waiting

    /// Wakes everything that waits for something to happen.
    func changed() {
        let waiting = watchers
        watchers = [:]
        for continuation in waiting.values { continuation.resume() }
    }

    /// Returns at the next change, at the deadline, or when the task is cancelled.
    func change(before deadline: ContinuousClock.Instant?) async {
        lastWatcher += 1
        let id = lastWatcher
        let alarm = deadline.map { deadline in
            Task {
                try? await Task.sleep(until: deadline, clock: .continuous)
                self.wake(id)
            }
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if Task.isCancelled { continuation.resume() } else { watchers[id] = continuation }
            }
        } onCancel: {
            Task { await self.wake(id) }
        }
        alarm?.cancel()
    }

    private func wake(_ id: Int) {
        watchers.removeValue(forKey: id)?.resume()
    }
}

/// Something that a person could not do either.
package struct EmulatorError: Error, Equatable, Sendable, CustomStringConvertible {
    package let reason: String
    package var description: String { reason }
}
