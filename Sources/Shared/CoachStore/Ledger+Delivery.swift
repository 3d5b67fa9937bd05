package import CoachDomain
import Foundation
import Postgres

/// Something that a user is to be told, as stored.
package struct OutboundMessage: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable { case feedback, advice, answer, notice }

    package enum State: String, Hashable, Sendable {
        case pending
        /// A send was begun and its outcome was not written down.
        case sending
        case delivered, undeliverable, superseded
    }

    package var id: Int64
    package var kind: Kind
    package var state: State
    package var chatID: Int64
    package var note: NoteID?
    package var replyToMessageID: Int64?
    package var body: RichText
    /// What has to stand in its place: of one note's messages the coaching wins over advice, advice over a
    /// notice, and the later over the earlier.
    package var successor: RichText?
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
            select o.kind, o.state, o.chat_id, o.voice_message_id, o.reply_to_message_id, o.body, s.body as successor
            from outbound_messages o left join lateral (
                select s.body from outbound_messages s
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
        return OutboundMessage(
            id: id, kind: kind, state: state, chatID: try row.value("chat_id"),
            note: (try row.value("voice_message_id", as: Int64?.self)).map { NoteID($0) },
            replyToMessageID: try row.value("reply_to_message_id"),
            body: try LedgerJSON.decode(RichText.self, from: try row.value("body")),
            successor: try (row.value("successor", as: Data?.self)).map { data throws(StoreError) in
                try LedgerJSON.decode(RichText.self, from: data)
            })
    }

    private static func rankSQL(_ table: String) -> String {
        "array_position(array['notice', 'advice', 'feedback'], \(table).kind)"
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
        _ = try await run(
            """
            update outbound_messages o set state = 'pending' from jobs j
            where o.id = $1 and j.id = $2 and j.lease_token = $3 and j.state = 'leased' and o.state = 'sending'
            """, [.integer(outbound), .integer(lease.job.rawValue), .integer(lease.token)])
    }

    /// Ends the deliver stage.
    ///
    /// - Parameters:
    ///   - state: What became of the message.
    ///   - messageID: Telegram's id of the message that shows it, when known.
    package func completeDelivery(
        _ lease: Lease, as state: OutboundMessage.State, messageID: Int64?
    ) async throws(StoreError) {
        let end = DeliveryEnd(lease: lease, state: state, messageID: messageID)
        guard try await deliveryEnds.submit(end) else { throw .fenced(lease.job) }
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
            select v.chat_id, v.message_id, v.language_code, v.placeholder_message_id,
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
