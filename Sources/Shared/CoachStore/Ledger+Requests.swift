package import CoachDomain
import Foundation
import Postgres

/// A request as the webhook received it.
package struct IncomingRequest: Hashable, Sendable {
    package var userID: Int64
    package var chatID: Int64
    package var updateID: Int64
    /// The message that asked, or the one under which the button is.
    package var messageID: Int64
    /// Of a pressed button: its spinner has to be ended.
    package var callbackQueryID: String?
    package var languageCode: String?
    package var body: SpeakerRequest

    package init(
        userID: Int64, chatID: Int64, updateID: Int64, messageID: Int64, callbackQueryID: String? = nil,
        languageCode: String?, body: SpeakerRequest
    ) {
        self.userID = userID
        self.chatID = chatID
        self.updateID = updateID
        self.messageID = messageID
        self.callbackQueryID = callbackQueryID
        self.languageCode = languageCode
        self.body = body
    }
}

/// What the converse stage needs to know of a request.
package struct RequestToAnswer: Hashable, Sendable {
    package var person: Person
    package var chatID: Int64
    package var messageID: Int64
    package var callbackQueryID: String?
    package var request: SpeakerRequest

    package init(
        person: Person, chatID: Int64, messageID: Int64, callbackQueryID: String?, request: SpeakerRequest
    ) {
        self.person = person
        self.chatID = chatID
        self.messageID = messageID
        self.callbackQueryID = callbackQueryID
        self.request = request
    }
}

extension Ledger {
    /// Writes requests with their jobs, all or none; like ``accept(_:botID:rules:deadline:)``.
    package func accept(_ requests: [IncomingRequest], botID: Int64, deadline: ContinuousClock.Instant?)
        async throws(StoreError) -> [Int64: Accepted]
    {
        guard !requests.isEmpty else { return [:] }
        var bodies: [String] = []
        for request in requests { bodies.append(try LedgerJSON.text(request.body)) }
        let rows = try await run(
            Self.acceptRequestsSQL,
            [
                .integer(botID), .text(actor),
                .integers(requests.map(\.userID)), .integers(requests.map(\.chatID)),
                .integers(requests.map(\.updateID)), .integers(requests.map(\.messageID)),
                .texts(requests.map(\.callbackQueryID)), .texts(requests.map(\.languageCode)), .texts(bodies),
            ], deadline: deadline)
        var accepted: [Int64: Accepted] = [:]
        for row in rows {
            accepted[try row.value("update_id")] = Accepted(
                job: JobID(try row.value("job_id")), stage: .converse, note: nil)
        }
        return accepted
    }

    private static let acceptRequestsSQL = """
        with incoming as (
            select * from unnest($3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::text[], $8::text[],
                                 $9::text[])
                as t(telegram_user_id, chat_id, update_id, message_id, callback_query_id, language_code, body)
        ), \(peopleSQL), asked as (
            insert into requests
                (bot_id, telegram_user_id, chat_id, update_id, message_id, callback_query_id, language_code, body)
            select $1, telegram_user_id, chat_id, update_id, message_id, callback_query_id, language_code,
                   body::jsonb
            from incoming order by update_id
            on conflict do nothing
            returning id, update_id, telegram_user_id
        ), created as (
            insert into jobs (stage, request_id, bot_id, telegram_user_id)
            select 'converse', id, $1, telegram_user_id from asked order by update_id
            returning id, request_id
        ), history as (
            insert into job_events (job_id, event, actor) select id, 'accepted', $2 from created
        )
        select a.update_id, c.id as job_id from asked a join created c on c.request_id = a.id
        """

    package func requestToAnswer(_ id: Int64) async throws(StoreError) -> RequestToAnswer {
        let rows = try await run(
            """
            select r.bot_id, r.telegram_user_id, r.chat_id, r.message_id, r.callback_query_id, r.body,
                   coalesce(r.language_code, u.language_code) as language_code, u.settings
            from requests r join users u using (bot_id, telegram_user_id) where r.id = $1
            """, [.integer(id)])
        guard let row = rows.first else { throw .notFound("request \(id)") }
        return RequestToAnswer(
            person: try person(in: row), chatID: try row.value("chat_id"),
            messageID: try row.value("message_id"), callbackQueryID: try row.value("callback_query_id"),
            request: try LedgerJSON.decode(SpeakerRequest.self, from: try row.value("body")))
    }

    /// Ends the converse stage: what the request changes, and its answers with their deliveries, all or none.
    ///
    /// - Returns: The deliveries, in the order of `messages`.
    /// - Throws: ``StoreError/fenced(_:)`` when the lease is lost; nothing was written.
    package func completeConversation(
        _ lease: Lease, of request: RequestToAnswer, effects: [ConversationEffect],
        messages: [OutgoingMessage]
    ) async throws(StoreError) -> [JobHint] {
        var statements: [PostgresStatement] = []
        for effect in effects { statements += try self.statements(effect, of: request.person) }
        let isFarewell = effects.contains(.erasePerson)
        for message in messages {
            statements.append(try self.statement(message, of: request, isFarewell: isFarewell))
        }
        let work = statements
        do {
            return try await pool.transaction { transaction in
                let ended = try await transaction.query(
                    PostgresStatement(
                        "with \(Self.succeededSQL) select id from done",
                        [.integer(lease.job.rawValue), .integer(lease.token), .text(actor)]))
                guard ended.first != nil else { throw StoreError.fenced(lease.job) }
                var hints: [JobHint] = []
                for result in try await transaction.pipeline(work).suffix(messages.count) {
                    hints += try self.hints(in: result)
                }
                return hints
            }
        } catch let error as StoreError {
            throw error
        } catch let error as PostgresError {
            throw .database(error)
        } catch {
            throw .unreadable("the end of a conversation")
        }
    }

    private func statement(_ message: OutgoingMessage, of request: RequestToAnswer, isFarewell: Bool)
        throws(StoreError) -> PostgresStatement
    {
        PostgresStatement(
            """
            with outbound as (
                insert into outbound_messages
                    (bot_id, telegram_user_id, chat_id, reply_to_message_id, edits_message_id, kind, body,
                     buttons, attachment, voice_message_id)
                values ($1, $2, $3, $4, $5, $6, $7, $8, $9, (select id from voice_messages where id = $10))
                returning id, voice_message_id, bot_id, telegram_user_id
            ), next as (
                insert into jobs (stage, outbound_message_id, voice_message_id, bot_id, telegram_user_id)
                select 'deliver', id, voice_message_id, bot_id, telegram_user_id from outbound
                returning id, stage
            ), history as (
                insert into job_events (job_id, event, actor) select id, 'accepted', $11 from next
            )
            select id, stage from next
            """,
            [
                .integer(request.person.botID), .integer(request.person.userID), .integer(request.chatID),
                message.answers.map { .integer($0) } ?? .null,
                message.replaces.map { .integer($0) } ?? .null, .text(isFarewell ? "farewell" : "answer"),
                try LedgerJSON.encode(message.body),
                try LedgerJSON.optional(message.buttons.isEmpty ? nil : message.buttons),
                try LedgerJSON.optional(message.attachment),
                message.about.map { .integer($0.rawValue) } ?? .null, .text(actor),
            ])
    }
}
