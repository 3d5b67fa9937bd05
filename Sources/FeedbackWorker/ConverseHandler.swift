package import CoachDomain
package import CoachStore
package import Conversation
import Foundation
package import JobQueue
package import Logging
package import Telegram

/// The converse stage: from what a person asks to the stored answers.
///
/// What a request changes and what it is answered are committed together, so a request that is worked on twice
/// changes and answers once.
package struct ConverseHandler: StageHandler {
    package let stage = JobStage.converse
    package let longestAttempt = Duration.seconds(60)

    /// How long after "say it again" the next note counts as the repetition.
    private static let rehearsalTime = Duration.seconds(30 * 60)
    /// As far back as a trend looks, and as many notes as a list shows.
    private static let trendLength = 60
    private static let listLength = 10

    private let ledger: Ledger
    private let telegram: TelegramClient
    private let phrasebooks: Phrasebooks
    private let topics: TopicBank
    private let retentionDays: Int
    private let logger: Logger

    /// - Parameter retentionDays: How long words are kept, for telling people.
    package init(
        ledger: Ledger, telegram: TelegramClient, phrasebooks: Phrasebooks, topics: TopicBank,
        retentionDays: Int, logger: Logger
    ) {
        self.ledger = ledger
        self.telegram = telegram
        self.phrasebooks = phrasebooks
        self.topics = topics
        self.retentionDays = retentionDays
        self.logger = logger
    }

    /// What a request leads to.
    private struct Answer {
        var effects: [ConversationEffect] = []
        var messages: [OutgoingMessage]

        init(_ message: OutgoingMessage, _ effects: ConversationEffect...) {
            messages = [message]
            self.effects = effects
        }

        init(_ messages: [OutgoingMessage]) { self.messages = messages }
    }

    package func run(_ job: ClaimedJob) async -> StageResult {
        do {
            guard let id = job.requestID else { throw StoreError.notFound("request") }
            let request = try await ledger.requestToAnswer(id)
            // At the same time: Telegram shows a spinner on the button until this is said.
            async let released: Void = releaseButton(of: request)
            let answer = try await answer(request, job)
            await released
            let ledger = ledger
            let next = try await LedgerWrite.persist { () async throws(StoreError) in
                try await ledger.completeConversation(
                    job.lease, of: request, effects: answer.effects, messages: answer.messages)
            }
            return .completed(next: next)
        } catch {
            return .ended(by: error)
        }
    }

    /// A press that is too old is answered by nobody; that does no harm.
    private func releaseButton(of request: RequestToAnswer) async {
        guard let query = request.callbackQueryID else { return }
        do {
            try await telegram.answerCallbackQuery(query, deadline: .now + .seconds(5))
        } catch {
            logger.debug("a button's spinner was not ended", metadata: ["error": "\(error)"])
        }
    }

    private func answer(_ request: RequestToAnswer, _ job: ClaimedJob) async throws -> Answer {
        let replies = Replies(phrasebooks, to: request, retentionDays: retentionDays, now: Date())
        switch request.request {
        case .tell(let topic): return Answer(replies.fixed(topic))
        case .note(let note, let action): return try await answer(action, on: note, request, replies, job)
        case .progress:
            return Answer(
                replies.progress(try await ledger.practice(of: request.person, limit: Self.trendLength)))
        case .history:
            return Answer(
                replies.history(try await ledger.practice(of: request.person, limit: Self.listLength)))
        case .practise(nil): return Answer(replies.chooseGoal())
        case .practise(.some(let goal)): return try await topic(for: goal, request, replies)
        case .settings(let page): return Answer(replies.settings(page))
        case .change(let change): return Answer(replies.settings(after: change), .change(change))
        case .export: return Answer(replies.export())
        case .erase(let step):
            let count = try await ledger.noteCount(of: request.person)
            let message = replies.erase(step, noteCount: count)
            return step == .confirm ? Answer(message, .erasePerson) : Answer(message)
        }
    }

    private func topic(for goal: PracticeGoal, _ request: RequestToAnswer, _ replies: Replies) async throws
        -> Answer
    {
        let given = try await ledger.topicsGiven(to: request.person)
        let language = request.person.language
        guard let next = topics.next(goal, seen: given, user: request.person.userID, language: language)
        else { return Answer(replies.chooseGoal()) }
        return Answer(
            replies.topic(next.topic.text, for: goal, isRepeated: next.isRepeat),
            .giveTopic(id: next.topic.id))
    }

    private func answer(
        _ action: SpeakerRequest.NoteAction, on note: NoteID, _ request: RequestToAnswer, _ replies: Replies,
        _ job: ClaimedJob
    ) async throws -> Answer {
        guard try await ledger.owns(request.person, note) else { return Answer(replies.noteIsGone()) }
        switch action {
        case .delete: return Answer(replies.askToDelete(note))
        case .deleteForSure:
            try await clearChat(of: note, request, isPatient: job.lifeCycle.attempts < 3)
            return Answer(replies.deleted(), .delete(note))
        case .transcript, .tips, .again, .hear, .dispute: break
        }
        guard let coached = try await ledger.coachedNote(note) else { return Answer(replies.noteIsGone()) }
        switch action {
        case .transcript: return Answer(replies.transcript(coached))
        case .tips: return Answer(replies.tips(coached))
        case .again:
            return Answer(replies.sayItAgain(coached), .rehearse(note, within: Self.rehearsalTime))
        case .hear: return Answer(replies.hear(coached))
        case .dispute: return Answer(replies.dispute(coached), .dispute(note))
        case .delete, .deleteForSure: return Answer(replies.askToDelete(note))
        }
    }

    /// Takes a note's messages out of the chat, as far as Telegram lets a bot: those of the last 48 hours.
    ///
    /// - Parameter isPatient: Whether to wait for Telegram when it is out of reach; the note itself goes anyhow.
    private func clearChat(of note: NoteID, _ request: RequestToAnswer, isPatient: Bool) async throws {
        for message in try await ledger.messagesShown(of: note) {
            do throws(TelegramError) {
                try await telegram.deleteMessage(chatID: request.chatID, messageID: message)
            } catch {
                if isPatient, error.isTransient { throw error }
                logger.debug("a message stays in the chat", metadata: ["error": "\(error)"])
            }
        }
    }
}
