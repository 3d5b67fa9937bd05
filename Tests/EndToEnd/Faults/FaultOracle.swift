import Foundation

/// Compares what people see with what the ledger says, in the manner of Jepsen.
struct FaultOracle: Sendable, CustomStringConvertible {
    /// A note that a person has sent.
    struct Sent: Hashable, Sendable {
        var chat: Int64
        var message: Int64
    }

    /// Notes that were sent.
    var sent = 0
    /// Sent, and in no terminal state or without what it owes its sender.
    var lost: [Sent] = []
    /// More than one answer to one note.
    var duplicated: [Sent] = []
    /// Seen in a chat without a note in the ledger, or other than the ledger has it.
    var unexpected: [String] = []
    /// Answered although a worker died on them or an attempt failed.
    var recovered = 0
    /// Answered with an explanation instead of coaching.
    var explained = 0
    /// Messages that still say "listening" while the answer stands in another one.
    var orphans = 0
    /// Recogniser calls that succeeded.
    var paidCalls = 0
    /// Times that transcription was begun.
    var begun = 0

    var isClean: Bool { lost.isEmpty && duplicated.isEmpty && unexpected.isEmpty && paidCalls <= begun }

    var description: String {
        "\(sent) notes: \(lost.count) lost, \(duplicated.count) duplicated, \(unexpected.count) unexpected, "
            + "\(recovered) recovered, \(explained) explained, \(orphans) orphaned placeholders, "
            + "\(paidCalls) paid calls in \(begun) attempts"
            + (isClean ? "" : "\nlost \(lost)\nduplicated \(duplicated)\nunexpected \(unexpected)")
    }

    /// Looks at everything; call it when no job is open.
    static func judge(_ sent: [Sent], _ chats: [Chat], _ coach: Deployment) async throws -> FaultOracle {
        var verdict = FaultOracle()
        verdict.sent = sent.count
        let notes = try await coach.ledger.notes()
        let jobs = try await coach.ledger.jobs()
        let outbound = try await coach.ledger.outbound()
        var messages: [Int64: [Chat.BotMessage]] = [:]
        for chat in chats { messages[chat.id] = await chat.botMessages() }

        for note in sent {
            let rows = notes.filter { $0.chat == note.chat && $0.message == note.message }
            guard rows.count == 1, let row = rows.first else {
                verdict.lost.append(note)
                continue
            }
            let own = jobs.filter { $0.note == row.id }
            let shown = messages[note.chat, default: []].filter { $0.answers == note.message }
            let due = Self.highest(outbound.filter { $0.note == row.id })
            guard own.allSatisfy(\.isTerminal), let due, due.kind != "notice" else {
                verdict.lost.append(note)
                continue
            }
            let answers = shown.filter { $0.text != Chat.placeholder }
            if answers.isEmpty { verdict.lost.append(note) }
            if answers.count > 1 { verdict.duplicated.append(note) }
            if let answer = answers.first, answer.text != due.text {
                verdict.unexpected.append(
                    "chat \(note.chat): \(answer.text.prefix(60)) instead of \(due.kind)")
            }
            verdict.orphans += shown.count - answers.count
            if due.kind == "advice" { verdict.explained += 1 }
            if own.contains(where: { $0.crashes > 0 || $0.attempts > 1 }) { verdict.recovered += 1 }
        }
        for (chat, messages) in messages {
            for message in messages
            where !sent.contains(where: { $0.chat == chat && $0.message == message.answers }) {
                verdict.unexpected.append("chat \(chat): an answer to nothing: \(message.text.prefix(60))")
            }
        }
        verdict.paidCalls = try await coach.ledger.calls().count {
            $0.operation == "speech" && $0.outcome == "success"
        }
        for job in jobs where job.stage == "transcribe" {
            verdict.begun += try await coach.ledger.events(of: job.id).count { $0.event == "claimed" }
        }
        return verdict
    }

    /// Coaching before advice before a notice; the later before the earlier.
    private static func highest(_ messages: [LedgerView.Outbound]) -> LedgerView.Outbound? {
        let ranks = ["notice": 0, "advice": 1, "feedback": 2]
        return messages.max { (ranks[$0.kind] ?? -1, $0.id) < (ranks[$1.kind] ?? -1, $1.id) }
    }
}
