import CoachDomain
import CoachStore
import Failpoints
import Foundation
import HTTPTypes
package import Hummingbird
import JobQueue
package import Logging
package import Observability
import Telegram

/// `POST /telegram/webhook`: Telegram's deliveries.
///
/// A 2xx is given only when the ledger has the update, has had it before, or never wants it: anything else
/// would be lost, because Telegram forgets what was acknowledged. What cannot be parsed is acknowledged too,
/// because a refused update blocks its chat for a day.
package struct WebhookController: Sendable {
    package static let path = "/telegram/webhook"
    /// Telegram's own limit for one update is 512 KiB.
    package static let maximumBody = 1 << 20
    private static let secretHeader = HTTPField.Name("X-Telegram-Bot-Api-Secret-Token")

    private let secret: [UInt8]
    private let classifier: UpdateClassifier
    private let intake: IntakeBatcher
    private let metrics: MetricsRegistry
    private let duration: HistogramSeries
    private let logger: Logger

    /// - Parameter secret: As given to `setWebhook`; not empty.
    package init(
        secret: String, classifier: UpdateClassifier, intake: IntakeBatcher, metrics: MetricsRegistry,
        logger: Logger
    ) {
        self.secret = Array(secret.utf8)
        self.classifier = classifier
        self.intake = intake
        self.metrics = metrics
        self.duration = metrics.histogram(MetricsCatalogue.webhookDuration)
        self.logger = logger
    }

    package func addRoutes<Context: RequestContext>(to router: Router<Context>) {
        router.post(RouterPath(Self.path)) { request, _ in await self.receive(request) }
    }

    /// Answers one delivery; see the type's own comment for what each status means.
    package func receive(_ request: Request) async -> Response {
        let start = ContinuousClock.now
        let (outcome, response) = await judge(request)
        await Failpoint.webhookBeforeAnswer.cross()
        metrics.counter(MetricsCatalogue.webhookRequests, outcome).increment()
        duration.observe(.now - start)
        return response
    }

    private func judge(_ request: Request) async -> (WebhookOutcome, Response) {
        guard isFromTelegram(request) else { return (.unauthorized, Response(status: .unauthorized)) }
        if let declared = request.headers[.contentLength].flatMap(Int.init), declared > Self.maximumBody {
            return (.tooLarge, Response(status: .contentTooLarge))
        }
        let body: ByteBuffer
        do {
            body = try await request.body.collect(upTo: Self.maximumBody)
        } catch let error as any HTTPResponseError {
            return (.tooLarge, Response(status: error.status))
        } catch {
            // The sender went away in the middle: it will come again.
            return (.other, Response(status: .badRequest))
        }
        let update: Update
        do {
            update = try Update(json: Data(body.readableBytesView))
        } catch {
            logger.warning("unparseable update", metadata: ["bytes": "\(body.readableBytes)"])
            return (.unparseable, Response(status: .ok))
        }
        switch classifier.verdict(on: update) {
        case .ignore(let reason):
            logger.debug("update of no interest", metadata: ["reason": "\(reason.rawValue)"])
            return (.ignored, Response(status: .ok))
        case .take(let wanted):
            return await store(wanted)
        }
    }

    private func store(_ wanted: Intake) async -> (WebhookOutcome, Response) {
        do {
            switch try await intake.accept(wanted) {
            case .accepted(let accepted):
                log(accepted, wanted)
                return (.accepted, Self.acknowledgement(of: wanted))
            case .duplicate:
                metrics.counter(MetricsCatalogue.duplicateUpdates).increment()
                return (.duplicate, Response(status: .ok))
            case .unstorable:
                return (.unparseable, Response(status: .ok))
            }
        } catch {
            logger.error(
                "the ledger cannot be written", metadata: ["error": "\(SafeErrorDescription.of(error))"])
            return (.unavailable, Response(status: .serviceUnavailable, headers: [.retryAfter: "5"]))
        }
    }

    private func log(_ accepted: Accepted, _ wanted: Intake) {
        guard case .note(let note) = wanted, let id = accepted.note else { return }
        NoteContext.with(id) {
            logger.info(
                "voice note accepted",
                metadata: [
                    "job": "\(accepted.job)", "update": "\(note.updateID)", "kind": "\(note.kind.rawValue)",
                ])
        }
    }

    /// A note is answered with a reaction inside the acknowledgement itself: free, and harmless when lost.
    private static func acknowledgement(of wanted: Intake) -> Response {
        guard case .note(let note) = wanted else { return Response(status: .ok) }
        let body =
            #"{"method":"setMessageReaction","chat_id":\#(note.chatID),"message_id":\#(note.messageID),"#
            + #""reaction":[{"type":"emoji","emoji":"👀"}]}"#
        return Response(
            status: .ok, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: body)))
    }

    private func isFromTelegram(_ request: Request) -> Bool {
        guard let name = Self.secretHeader, let given = request.headers[name] else { return false }
        return ConstantTime.equal(Array(given.utf8), secret)
    }
}

/// Comparison whose duration tells nothing about where two secrets differ.
package enum ConstantTime {
    package static func equal(_ given: [UInt8], _ secret: [UInt8]) -> Bool {
        guard !secret.isEmpty else { return false }
        var difference = given.count ^ secret.count
        for index in given.indices {
            difference |= Int(given[index] ^ secret[index % secret.count])
        }
        return difference == 0
    }
}
