import HTTPTransport
import Testing

@testable import Telegram

@Suite struct TelegramErrorTests {
    private func error(_ status: Int, _ description: String, retryAfterHeader: String? = nil) -> TelegramError
    {
        TelegramError(
            status: status, description: description, parameters: nil, retryAfterHeader: retryAfterHeader)
    }

    @Test(arguments: [
        (
            400,
            "Bad Request: message is not modified: specified new message content and reply markup are exactly the same",
            TelegramError.notModified
        ),
        (
            400, "Bad Request: query is too old and response timeout expired or query ID is invalid",
            .callbackExpired
        ),
        (400, "Bad Request: message to delete not found", .alreadyGone),
        (400, "Bad Request: message can't be deleted for everyone", .alreadyGone),
        (400, "Bad Request: message to edit not found", .targetGone),
        (400, "Bad Request: message can't be edited", .targetGone),
        (400, "Bad Request: can't parse entities: Unsupported start tag \"x\" at byte offset 0", .formatting),
        (400, "Bad Request: message is too long", .tooLong), (400, "Bad Request: MESSAGE_TOO_LONG", .tooLong),
        (400, "Bad Request: message caption is too long", .tooLong),
        (400, "Bad Request: file is too big", .fileTooBig),
        (400, "BAD REQUEST: FILE IS TOO BIG", .fileTooBig),
        (400, "Bad Request: wrong file_id or the file is temporarily unavailable", .fileUnavailable),
        (400, "Bad Request: VOICE_MESSAGES_FORBIDDEN", .voiceForbidden),
        (400, "Bad Request: chat not found", .recipientGone(.chatNotFound)),
        (403, "Forbidden: bot was blocked by the user", .recipientGone(.blockedByUser)),
        (403, "Forbidden: Forbidden: user is deactivated", .recipientGone(.deactivated)),
        (403, "Forbidden: bot was kicked from the supergroup chat", .recipientGone(.kicked)),
        (403, "Forbidden: bot can't initiate conversation with a user", .recipientGone(.notStarted)),
        (403, "Forbidden: something new", .recipientGone(.unknown)),
        (400, "Bad Request: CHAT_WRITE_FORBIDDEN", .recipientGone(.noRights)),
        (401, "Unauthorized", .unauthorized),
        (404, "Not Found", .unauthorized), (421, "Misdirected Request", .unauthorized),
        (409, "Conflict: terminated by other getUpdates request", .conflict),
        (413, "Request Entity Too Large", .invalidRequest(status: 413)),
        (431, "", .invalidRequest(status: 431)),
        (500, "Internal Server Error: restart", .serverUnavailable(status: 500)),
        (502, "", .serverUnavailable(status: 502)),
        (
            400, "Bad Request: never heard of",
            .refused(status: 400, description: "Bad Request: never heard of")
        ),
        (418, "", .refused(status: 418, description: "")),
    ])
    func `answers are sorted by status and the beginning of the description`(
        status: Int, description: String, expected: TelegramError
    ) {
        #expect(error(status, description) == expected)
    }

    @Test func `the wait of a 429 comes from the body, then the header, and is bounded`() throws {
        func rejection(_ parameters: String, _ headers: [(String, String)] = []) -> TelegramError? {
            let body =
                #"{"ok":false,"error_code":429,"description":"Too Many Requests","parameters":\#(parameters)}"#
            do throws(TelegramError) {
                _ = try TelegramClient.read(429, HTTPHeaders(headers), Array(body.utf8)) as Ignored
                return nil
            } catch {
                return error
            }
        }
        #expect(
            rejection(#"{"retry_after":17}"#, [("retry-after", "3")])
                == .rateLimited(retryAfter: .seconds(17)))
        #expect(rejection("null", [("Retry-After", "3")]) == .rateLimited(retryAfter: .seconds(3)))
        #expect(rejection("{}") == .rateLimited(retryAfter: .seconds(1)))
        #expect(rejection(#"{"retry_after":-5}"#) == .rateLimited(retryAfter: .seconds(1)))
        #expect(
            rejection(#"{"retry_after":99999999999}"#) == .rateLimited(retryAfter: .seconds(14 * 24 * 3600)))
    }

    @Test func `a group that moved says where`() throws {
        let body =
            #"{"ok":false,"error_code":400,"description":"Bad Request: group chat was upgraded to a supergroup chat","#
            + #""parameters":{"migrate_to_chat_id":-1001234567890}}"#
        #expect(throws: TelegramError.migrated(toChatID: -1_001_234_567_890)) {
            _ = try TelegramClient.read(400, HTTPHeaders(), Array(body.utf8)) as Ignored
        }
    }

    @Test(arguments: ["", "<html>502</html>", "{", "[]"])
    func `a body that is not Telegram's leaves the status to decide`(body: String) {
        #expect(throws: TelegramError.serverUnavailable(status: 502)) {
            _ = try TelegramClient.read(502, HTTPHeaders(), Array(body.utf8)) as Ignored
        }
        #expect(throws: TelegramError.unintelligibleAnswer) {
            _ = try TelegramClient.read(200, HTTPHeaders(), Array(body.utf8)) as Ignored
        }
    }

    @Test func `a refusal under status 200 is a refusal`() {
        #expect(throws: TelegramError.conflict) {
            let body = #"{"ok":false,"error_code":409,"description":"Conflict"}"#
            _ = try TelegramClient.read(200, HTTPHeaders(), Array(body.utf8)) as Ignored
        }
    }

    @Test func `a refusal keeps no more than a line`() {
        let long = error(400, "Bad Request: " + String(repeating: "x", count: 5000))
        guard case .refused(400, let description) = long else {
            Issue.record("\(long)")
            return
        }
        #expect(description.count == 200)
    }

    @Test func `each class says what can be done about it`() {
        let transient: [TelegramError] = [
            .fileUnavailable, .fileLinkExpired, .rateLimited(retryAfter: .seconds(1)),
            .serverUnavailable(status: 502), .conflict, .unreachable(.connectFailed),
            .outcomeUnknown(.timedOut(phase: .total)),
        ]
        let final: [TelegramError] = [
            .targetGone, .recipientGone(.kicked), .migrated(toChatID: 1), .fileTooBig, .formatting, .tooLong,
            .voiceForbidden, .unauthorized, .invalidRequest(status: 413),
            .refused(status: 400, description: ""),
            .unreachable(.certificateRejected), .unreachable(.closed), .localFile(errno: 28),
            .unintelligibleAnswer,
            .notModified, .alreadyGone, .callbackExpired,
        ]
        #expect(transient.allSatisfy { $0.isTransient })
        #expect(!final.contains { $0.isTransient })
        #expect((transient + final).filter(\.isBenign) == [.notModified, .alreadyGone, .callbackExpired])
        #expect(
            (transient + final).filter(\.mayHaveTakenEffect) == [
                .serverUnavailable(status: 502), .outcomeUnknown(.timedOut(phase: .total)),
                .unintelligibleAnswer,
            ])
        #expect(TelegramError.rateLimited(retryAfter: .seconds(9)).retryAfter == .seconds(9))
    }

    @Test func `a transport failure is unreachable or of unknown outcome`() {
        #expect(TelegramError(.connectFailed) == .unreachable(.connectFailed))
        #expect(TelegramError(.timedOut(phase: .connect)) == .unreachable(.timedOut(phase: .connect)))
        #expect(TelegramError(.timedOut(phase: .total)) == .outcomeUnknown(.timedOut(phase: .total)))
        #expect(
            TelegramError(.interrupted(bytesReceived: 0)) == .outcomeUnknown(.interrupted(bytesReceived: 0)))
        #expect(TelegramError(.localFile(errno: 28)) == .localFile(errno: 28))
    }
}
