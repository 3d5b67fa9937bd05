package import CoachDomain
import Foundation
import Postgres

/// Something that a user is to be told, as stored.
package struct OutboundMessage: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable {
        /// Shown in the note's one message.
        case heard, notice, advice, feedback
        /// A message of its own.
        case answer, extra, reminder
        /// The last word to somebody who was erased.
        case farewell

        /// Whether it is an edit of the note's placeholder.
        package var isShownInPlaceholder: Bool {
            switch self {
            case .heard, .notice, .advice, .feedback: true
            case .answer, .extra, .reminder, .farewell: false
            }
        }
    }

    package enum State: String, Hashable, Sendable {
        case pending
        /// A send was begun and its outcome was not written down.
        case sending
        case delivered, undeliverable, superseded
    }

    /// What the reader sees.
    package struct Face: Hashable, Sendable {
        package var body: RichText
        package var buttons: [[MessageButton]]
    }

    package var id: Int64
    package var kind: Kind
    package var state: State
    package var person: Person
    package var chatID: Int64
    package var note: NoteID?
    package var replyToMessageID: Int64?
    package var face: Face
    package var attachment: Attachment?
    /// The message of the bot that this one takes the place of.
    package var replaces: Int64?
    /// Of a long text's messages, those that were sent.
    package var partsSent: Int
    /// What has to stand in its place: of what a note's one message may show, the coaching wins over advice, advice
    /// over a notice, a notice over the words alone, and the later over the earlier.
    package var successor: Face?
}

/// What is known of the one message that a note's results are shown in.
package enum Placeholder: Hashable, Sendable {
    case sent(messageID: Int64)
    /// This caller may send it now, and has to report the outcome under this mark.
    case yours(PlaceholderClaim)
    /// Another process is sending it at this moment.
    case beingSent
}

/// The right to send one placeholder.
package struct PlaceholderClaim: Hashable, Sendable {
    package var note: NoteID
    package var chatID: Int64
    package var replyToMessageID: Int64
    package var languageCode: String?
    /// Under which it was given.
    var lease: Lease
    /// Microseconds since 1970 in Postgres time; tells this claim from a later one.
    var mark: Int64
}

extension Ledger {
    package func outboundMessage(_ id: Int64) async throws(StoreError) -> OutboundMessage {
        let rows = try await run(
            """
            select o.kind, o.state, o.chat_id, o.voice_message_id, o.reply_to_message_id, o.body, o.buttons,
                   o.attachment, o.edits_message_id, o.parts_sent, o.bot_id, o.telegram_user_id,
                   u.language_code, u.settings, s.body as next_body, s.buttons as next_buttons
            from outbound_messages o join users u using (bot_id, telegram_user_id)
            left join lateral (
                select s.body, s.buttons from outbound_messages s
                where s.voice_message_id = o.voice_message_id
                  and (\(Self.rankSQL("s")), s.id) > (\(Self.rankSQL("o")), o.id)
                  and s.state <> 'undeliverable'
                order by \(Self.rankSQL("s")) desc, s.id desc limit 1
            ) s on true
            where o.id = $1
            """, [.integer(id)])
        guard let row = rows.first else { throw .notFound("outbound message \(id)") }
        guard let kind = OutboundMessage.Kind(rawValue: try row.value("kind")),
            let state = OutboundMessage.State(rawValue: try row.value("state"))
        else { throw .unreadable("outbound message \(id)") }
        guard let face = try face(in: row, "body", "buttons") else {
            throw .unreadable("outbound message \(id)")
        }
        return OutboundMessage(
            id: id, kind: kind, state: state, person: try person(in: row), chatID: try row.value("chat_id"),
            note: (try row.value("voice_message_id", as: Int64?.self)).map { NoteID($0) },
            replyToMessageID: try row.value("reply_to_message_id"), face: face,
            attachment: try json(in: row, "attachment"), replaces: try row.value("edits_message_id"),
            partsSent: try row.value("parts_sent"),
            successor: try self.face(in: row, "next_body", "next_buttons"))
    }

    private func face(in row: PostgresRow, _ body: String, _ buttons: String) throws(StoreError)
        -> OutboundMessage.Face?
    {
        guard let text: RichText = try json(in: row, body) else { return nil }
        return OutboundMessage.Face(body: text, buttons: try json(in: row, buttons) ?? [])
    }

    /// Null for what is no part of the note's one message.
    private static func rankSQL(_ table: String) -> String {
        "array_position(array['heard', 'notice', 'advice', 'feedback'], \(table).kind)"
    }

    /// Marks that a send, which cannot be repeated safely, begins now.
    ///
    /// - Throws: ``StoreError/fenced(_:)`` when the lease is lost; then nothing may be sent.
    package func beginSending(_ outbound: Int64, _ lease: Lease) async throws(StoreError) {
        let rows = try await run(
            """
            update outbound_messages o set state = 'sending' from jobs j
            where o.id = $1 and j.id = $2 and j.lease_token = $3 and j.state = 'leased'
              and j.outbound_message_id = o.id and o.state = 'pending'
            returning o.id
            """, [.integer(outbound), .integer(lease.job.rawValue), .integer(lease.token)])
        guard !rows.isEmpty else { throw .fenced(lease.job) }
    }

    /// Takes ``beginSending(_:_:)`` back after a send that certainly did not happen.
    package func abandonSending(_ outbound: Int64, _ lease: Lease) async throws(StoreError) {
        try await endSending(outbound, lease, parts: nil)
    }

    /// Writes down that one more of a long text's messages was sent; the next may be begun.
    package func partSent(_ outbound: Int64, _ lease: Lease, parts: Int) async throws(StoreError) {
        try await endSending(outbound, lease, parts: parts)
    }

    private func endSending(_ outbound: Int64, _ lease: Lease, parts: Int?) async throws(StoreError) {
        _ = try await run(
            """
            update outbound_messages o set state = 'pending', parts_sent = coalesce($4, o.parts_sent) from jobs j
            where o.id = $1 and j.id = $2 and j.lease_token = $3 and j.state = 'leased' and o.state = 'sending'
            """,
            [
                .integer(outbound), .integer(lease.job.rawValue), .integer(lease.token),
                parts.map { .integer($0) } ?? .null,
            ])
    }

    /// Ends the deliver stage.
    ///
    /// - Parameters:
    ///   - state: What became of the message. What was to follow it follows only when it was delivered.
    ///   - messageID: Telegram's id of the message that shows it, when known.
    /// - Returns: The deliveries of what follows.
    @discardableResult
    package func completeDelivery(
        _ lease: Lease, as state: OutboundMessage.State, messageID: Int64?, calls: [ProviderCall] = []
    ) async throws(StoreError) -> [JobHint] {
        let end = DeliveryEnd(lease: lease, state: state, messageID: messageID, calls: calls)
        guard let next = try await deliveryEnds.submit(end) else { throw .fenced(lease.job) }
        return next
    }

    /// Ends the deliver stage of a farewell, and takes away what was still held of the person: the farewell itself.
    package func completeFarewell(_ lease: Lease, _ message: OutboundMessage) async throws(StoreError) {
        do {
            try await pool.transaction { transaction in
                let ended = try await transaction.query(
                    PostgresStatement(
                        "with \(Self.succeededSQL) select id from done",
                        [.integer(lease.job.rawValue), .integer(lease.token), .text(actor)]))
                guard ended.first != nil else { throw StoreError.fenced(lease.job) }
                let who: [PostgresValue] = [.integer(message.person.botID), .integer(message.person.userID)]
                _ = try await transaction.pipeline([
                    PostgresStatement(
                        "delete from outbound_messages where id = $1", [.integer(message.id)]),
                    // Unless the person has come back meanwhile.
                    PostgresStatement(
                        """
                        delete from users u where bot_id = $1 and telegram_user_id = $2 and erased_at is not null
                          and not exists (select 1 from voice_messages x where (x.bot_id, x.telegram_user_id) = ($1, $2))
                          and not exists (select 1 from requests x where (x.bot_id, x.telegram_user_id) = ($1, $2))
                          and not exists (select 1 from outbound_messages x
                                          where (x.bot_id, x.telegram_user_id) = ($1, $2))
                        """, who),
                ])
            }
        } catch let error as StoreError {
            throw error
        } catch let error as PostgresError {
            throw .database(error)
        } catch {
            throw .unreadable("the end of a farewell")
        }
    }

    /// Notes that the job's user cannot be written to; the user's next message takes that back.
    package func markUnreachable(_ lease: Lease) async throws(StoreError) {
        _ = try await run(
            """
            update users u set unreachable_since = now() from jobs j
            where j.id = $1 and j.lease_token = $2 and u.bot_id = j.bot_id
              and u.telegram_user_id = j.telegram_user_id
            """, [.integer(lease.job.rawValue), .integer(lease.token)])
    }

    /// The placeholder of a note, or the right to send it; the last look at the ledger before Telegram is called.
    ///
    /// - Parameters:
    ///   - lease: Of the job that wants to write to the user.
    ///   - patience: After this long without an outcome a begun send counts as lost.
    /// - Throws: ``StoreError/fenced(_:)`` when the lease is lost; then nothing may be sent or edited.
    package func claimPlaceholder(_ note: NoteID, under lease: Lease, patience: Duration)
        async throws(StoreError) -> Placeholder
    {
        let rows = try await run(
            """
            with held as (
                select id from jobs where id = $3 and lease_token = $4 and state = 'leased'
            ), mine as (
                update voice_messages set placeholder_state = 'sending', placeholder_at = clock_timestamp()
                where id = $1 and exists (select 1 from held) and (placeholder_state = 'none'
                    or (placeholder_state = 'sending'
                        and placeholder_at < now() - make_interval(secs => $2)))
                returning id, placeholder_at
            )
            select v.chat_id, v.message_id, \(Self.languageSQL("v")) as language_code, v.placeholder_message_id,
                (extract(epoch from mine.placeholder_at) * 1000000)::int8 as mark,
                exists (select 1 from held) as held
            from voice_messages v left join mine on mine.id = v.id where v.id = $1
            """,
            [
                .integer(note.rawValue), .double(patience.inSeconds), .integer(lease.job.rawValue),
                .integer(lease.token),
            ])
        guard let row = rows.first else { throw .notFound("voice message \(note)") }
        guard try row.value("held", as: Bool.self) else { throw .fenced(lease.job) }
        if let mark = try row.value("mark", as: Int64?.self) {
            return .yours(
                PlaceholderClaim(
                    note: note, chatID: try row.value("chat_id"),
                    replyToMessageID: try row.value("message_id"),
                    languageCode: try row.value("language_code"), lease: lease, mark: mark))
        }
        if let sent = try row.value("placeholder_message_id", as: Int64?.self) {
            return .sent(messageID: sent)
        }
        return .beingSent
    }

    /// Writes down the placeholder that was sent under `claim`.
    ///
    /// - Returns: `false` when the lease is lost, or another process has meanwhile taken the send for lost: then
    ///   the message that was just sent is an orphan, and the caller should delete it.
    package func placeholderSent(_ claim: PlaceholderClaim, messageID: Int64) async throws(StoreError) -> Bool
    {
        try await settle(claim, state: "sent", messageID: messageID, at: "placeholder_at")
    }

    /// The send under `claim` certainly did not happen: anyone may send it.
    package func placeholderNotSent(_ claim: PlaceholderClaim) async throws(StoreError) {
        _ = try await settle(claim, state: "none", messageID: nil, at: "null")
    }

    /// The send under `claim` may have happened: whoever needs the placeholder sends a fresh one at once.
    package func placeholderLost(_ claim: PlaceholderClaim) async throws(StoreError) {
        _ = try await settle(claim, state: "sending", messageID: nil, at: "'epoch'")
    }

    private func settle(_ claim: PlaceholderClaim, state: String, messageID: Int64?, at: String)
        async throws(StoreError) -> Bool
    {
        let rows = try await run(
            """
            update voice_messages set placeholder_state = $3, placeholder_message_id = $4, placeholder_at = \(at)
            where id = $1 and placeholder_state = 'sending'
              and (extract(epoch from placeholder_at) * 1000000)::int8 = $2 and \(Self.tokenStandsSQL("$5", "$6"))
            returning id
            """,
            [
                .integer(claim.note.rawValue), .integer(claim.mark), .text(state),
                messageID.map { .integer($0) } ?? .null, .integer(claim.lease.job.rawValue),
                .integer(claim.lease.token),
            ])
        return !rows.isEmpty
    }

    /// The user deleted the placeholder: forget it, so that a fresh one is sent.
    package func forgetPlaceholder(_ note: NoteID, messageID: Int64, under lease: Lease)
        async throws(StoreError)
    {
        _ = try await run(
            """
            update voice_messages set placeholder_state = 'none', placeholder_message_id = null
            where id = $1 and placeholder_message_id = $2 and \(Self.tokenStandsSQL("$3", "$4"))
            """,
            [
                .integer(note.rawValue), .integer(messageID), .integer(lease.job.rawValue),
                .integer(lease.token),
            ])
    }

    /// Whether nobody has taken the job since: what it has in hand may still be written down when it has ended.
    private static func tokenStandsSQL(_ job: String, _ token: String) -> String {
        "exists (select 1 from jobs where id = \(job) and lease_token = \(token))"
    }
}
