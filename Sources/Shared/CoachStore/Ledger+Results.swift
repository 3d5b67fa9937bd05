package import CoachDomain
package import Foundation
import Postgres

/// What the transcribe stage needs to know of a note.
package struct NoteToTranscribe: Hashable, Sendable {
    package var note: NoteID
    package var chatID: Int64
    package var messageID: Int64
    package var kind: String
    package var fileID: String
    package var fileBytes: Int64?
    package var mimeType: String?
    package var declaredSeconds: Double?
    package var person: Person
}

/// What the coach stage needs to know of a note.
package struct NoteToCoach: Sendable {
    package var note: NoteID
    package var person: Person
    package var chatID: Int64
    /// The speaker's message.
    package var messageID: Int64
    package var audio: AudioSummary
    package var transcript: Transcript
    package var metrics: SpeechMetrics
    /// The note that this one says again.
    package var rehearsed: CoachedNote?
}

/// A note with its answer.
package struct CoachedNote: Hashable, Sendable {
    package var note: NoteID
    package var messageID: Int64
    package var receivedAt: Date
    package var transcript: Transcript
    package var metrics: SpeechMetrics
    package var feedback: Feedback
    package var isPartial: Bool

    package init(
        note: NoteID, messageID: Int64, receivedAt: Date, transcript: Transcript, metrics: SpeechMetrics,
        feedback: Feedback, isPartial: Bool
    ) {
        self.note = note
        self.messageID = messageID
        self.receivedAt = receivedAt
        self.transcript = transcript
        self.metrics = metrics
        self.feedback = feedback
        self.isPartial = isPartial
    }
}

/// Everything that the transcribe stage found out.
package struct TranscribedNote: Sendable {
    package var audio: AudioSummary
    package var transcript: Transcript
    package var metrics: SpeechMetrics

    package init(audio: AudioSummary, transcript: Transcript, metrics: SpeechMetrics) {
        self.audio = audio
        self.transcript = transcript
        self.metrics = metrics
    }
}

extension Ledger {
    package func noteToTranscribe(_ note: NoteID) async throws(StoreError) -> NoteToTranscribe {
        let rows = try await run(
            """
            select v.chat_id, v.message_id, v.kind, v.file_id, v.file_bytes, v.mime_type, v.declared_seconds,
                   \(Self.personColumns)
            from voice_messages v join users u using (bot_id, telegram_user_id) where v.id = $1
            """, [.integer(note.rawValue)])
        guard let row = rows.first else { throw .notFound("voice message \(note)") }
        return NoteToTranscribe(
            note: note, chatID: try row.value("chat_id"), messageID: try row.value("message_id"),
            kind: try row.value("kind"), fileID: try row.value("file_id"),
            fileBytes: try row.value("file_bytes"), mimeType: try row.value("mime_type"),
            declaredSeconds: try row.value("declared_seconds"), person: try person(in: row))
    }

    package func noteToCoach(_ note: NoteID) async throws(StoreError) -> NoteToCoach {
        let rows = try await run(
            """
            select \(Self.personColumns), \(Self.heardColumns), v.chat_id, v.rehearses
            from voice_messages v join users u using (bot_id, telegram_user_id)
            join transcripts t on t.voice_message_id = v.id
            join speech_metrics m on m.voice_message_id = v.id
            where v.id = $1
            """, [.integer(note.rawValue)])
        guard let row = rows.first else { throw .notFound("transcript of voice message \(note)") }
        var rehearsed: CoachedNote?
        if let original = try row.value("rehearses", as: Int64?.self) {
            rehearsed = try await coachedNote(NoteID(original))
        }
        return NoteToCoach(
            note: note, person: try person(in: row), chatID: try row.value("chat_id"),
            messageID: try row.value("message_id"),
            audio: try LedgerJSON.decode(AudioSummary.self, from: try row.value("audio")),
            transcript: try transcript(in: row),
            metrics: try LedgerJSON.decode(SpeechMetrics.self, from: try row.value("metrics")),
            rehearsed: rehearsed)
    }

    /// A note with its answer; `nil` when it has none (any more).
    package func coachedNote(_ note: NoteID) async throws(StoreError) -> CoachedNote? {
        let rows = try await run(
            """
            select \(Self.heardColumns), v.id, f.body as feedback
            from voice_messages v
            join transcripts t on t.voice_message_id = v.id
            join speech_metrics m on m.voice_message_id = v.id
            join feedback f on f.voice_message_id = v.id
            where v.id = $1
            """, [.integer(note.rawValue)])
        return try rows.first.map { row throws(StoreError) in try coachedNote(in: row) }
    }

    /// - Parameter row: With ``heardColumns``, `id` and `feedback`.
    func coachedNote(in row: PostgresRow) throws(StoreError) -> CoachedNote {
        CoachedNote(
            note: NoteID(try row.value("id")), messageID: try row.value("message_id"),
            receivedAt: try row.value("received_at"), transcript: try transcript(in: row),
            metrics: try LedgerJSON.decode(SpeechMetrics.self, from: try row.value("metrics")),
            feedback: try LedgerJSON.decode(Feedback.self, from: try row.value("feedback")),
            isPartial: try LedgerJSON.decode(AudioSummary.self, from: try row.value("audio")).isPartial)
    }

    private func transcript(in row: PostgresRow) throws(StoreError) -> Transcript {
        Transcript(
            text: try row.value("text"), language: try row.value("language"),
            provider: try row.value("provider"), model: try row.value("model"),
            capabilities: try LedgerJSON.decode(
                RecognizerCapabilities.self, from: try row.value("capabilities")),
            words: try LedgerJSON.decode([Word].self, from: try row.value("words")))
    }

    /// Of `voice_messages v` and `users u`, for ``person(in:)``.
    private static let personColumns = """
        v.bot_id, v.telegram_user_id, coalesce(v.language_code, u.language_code) as language_code, u.settings
        """

    /// Of `voice_messages v`, `transcripts t` and `speech_metrics m`.
    static let heardColumns = """
        v.message_id, v.received_at, v.audio, t.provider, t.model, t.language, t.text, t.words, t.capabilities,
        m.body as metrics
        """

    /// Ends the transcribe stage: transcript, measures and the coach's job, in one statement.
    ///
    /// - Parameters:
    ///   - heard: Shows the words and numbers until the coaching is there; `nil` for nothing.
    ///   - coachWithin: How long the coach has from now.
    /// - Returns: What is to be announced: the coach's job first, then the delivery of `heard` and the next note of
    ///   the same person.
    /// - Throws: ``StoreError/fenced(_:)`` when the lease is lost; nothing was written.
    package func completeTranscription(
        _ lease: Lease, _ result: TranscribedNote, heard: RichText? = nil, coachWithin: Duration,
        calls: [ProviderCall]
    ) async throws(StoreError) -> [JobHint] {
        let transcript = result.transcript
        let rows = try await run(
            """
            with \(Self.succeededSQL), heard as (
                update voice_messages v set audio = $4 from done where v.id = done.voice_message_id
            ), words as (
                insert into transcripts
                    (voice_message_id, provider, model, language, text, words, capabilities, pipeline_version)
                select voice_message_id, $5, $6, $7, $8, $9, $10, $11 from done
                on conflict (voice_message_id) do update set provider = excluded.provider,
                    model = excluded.model, language = excluded.language, text = excluded.text,
                    words = excluded.words, capabilities = excluded.capabilities,
                    pipeline_version = excluded.pipeline_version, created_at = now()
            ), measured as (
                insert into speech_metrics (voice_message_id, definition_version, body)
                select voice_message_id, $12, $13 from done
                on conflict (voice_message_id) do update set definition_version = excluded.definition_version,
                    body = excluded.body, created_at = now()
            ), \(Self.callsSQL(from: "done", parameter: "$14")), next as (
                insert into jobs (stage, voice_message_id, bot_id, telegram_user_id, deadline)
                select 'coach', voice_message_id, bot_id, telegram_user_id,
                       now() + make_interval(secs => $15)
                from done returning id
            ), next_history as (
                insert into job_events (job_id, event, actor) select id, 'accepted', $3 from next
            ), rehearsed as (
                update users u set rehearsing_note = null, rehearsing_until = null
                from done join voice_messages v on v.id = done.voice_message_id
                where u.bot_id = v.bot_id and u.telegram_user_id = v.telegram_user_id
                  and u.rehearsing_note = v.rehearses
            ), shown as (
                insert into outbound_messages
                    (bot_id, telegram_user_id, chat_id, voice_message_id, reply_to_message_id, kind, body)
                select v.bot_id, v.telegram_user_id, v.chat_id, v.id, v.message_id, 'heard', $16
                from done join voice_messages v on v.id = done.voice_message_id
                where $16::jsonb is not null
                on conflict do nothing
                returning id, voice_message_id, bot_id, telegram_user_id
            ), showing as (
                insert into jobs (stage, outbound_message_id, voice_message_id, bot_id, telegram_user_id)
                select 'deliver', id, voice_message_id, bot_id, telegram_user_id from shown
                returning id
            ), showing_history as (
                insert into job_events (job_id, event, actor) select id, 'accepted', $3 from showing
            ), \(Self.promotedSQL(from: "done"))
            select id, 'coach' as stage from next union all select id, 'deliver' from showing
            union all select id, 'transcribe' from promoted
            """,
            [
                .integer(lease.job.rawValue), .integer(lease.token), .text(actor),
                try LedgerJSON.encode(result.audio), .text(transcript.provider), .text(transcript.model),
                transcript.language.map { .text($0) } ?? .null, .text(transcript.text),
                try LedgerJSON.encode(transcript.words), try LedgerJSON.encode(transcript.capabilities),
                .text(result.audio.pipelineVersion), .integer(Int64(result.metrics.version)),
                try LedgerJSON.encode(result.metrics), try LedgerJSON.encode(calls),
                .double(coachWithin.inSeconds), try LedgerJSON.optional(heard),
            ])
        guard !rows.isEmpty else { throw .fenced(lease.job) }
        return try hints(in: rows).sorted { $0.stage == .coach && $1.stage != .coach }
    }

    /// Ends the coach stage: feedback, the text that will be shown, and its delivery job, in one statement.
    ///
    /// - Returns: The delivery job.
    /// - Throws: ``StoreError/fenced(_:)`` when the lease is lost; nothing was written.
    package func completeCoaching(
        _ lease: Lease, feedback: Feedback, reply: OutgoingMessage, followUps: [OutgoingMessage] = [],
        calls: [ProviderCall]
    ) async throws(StoreError) -> JobID {
        let rows = try await run(
            """
            with \(Self.succeededSQL), judged as (
                insert into feedback (voice_message_id, provider, model, prompt_version, body)
                select voice_message_id, $4, $5, $6, $7 from done
            ), \(Self.callsSQL(from: "done", parameter: "$9")), outbound as (
                insert into outbound_messages
                    (bot_id, telegram_user_id, chat_id, voice_message_id, reply_to_message_id, kind, body,
                     buttons, follow_up)
                select v.bot_id, v.telegram_user_id, v.chat_id, v.id, v.message_id, 'feedback', $8, $10, $11
                from done join voice_messages v on v.id = done.voice_message_id
                returning id, voice_message_id, bot_id, telegram_user_id
            ), next as (
                insert into jobs (stage, outbound_message_id, voice_message_id, bot_id, telegram_user_id)
                select 'deliver', id, voice_message_id, bot_id, telegram_user_id from outbound
                returning id
            ), next_history as (
                insert into job_events (job_id, event, actor) select id, 'accepted', $3 from next
            )
            select id from next
            """,
            [
                .integer(lease.job.rawValue), .integer(lease.token), .text(actor), .text(feedback.provider),
                .text(feedback.model), .text(feedback.promptVersion), try LedgerJSON.encode(feedback),
                try LedgerJSON.encode(reply.body), try LedgerJSON.encode(calls),
                try LedgerJSON.optional(reply.buttons.isEmpty ? nil : reply.buttons),
                try LedgerJSON.optional(followUps.isEmpty ? nil : followUps),
            ])
        guard let row = rows.first else { throw .fenced(lease.job) }
        return JobID(try row.value("id"))
    }

    /// The fenced end of a job; `$1` job, `$2` token, `$3` actor.
    static let succeededSQL = """
        done as (
            update jobs set state = 'succeeded', lease_expires_at = null, leased_by = null,
                finished_at = now(), last_error_code = null, last_error = null
            where id = $1 and lease_token = $2 and state = 'leased'
            returning id, stage, voice_message_id, outbound_message_id, bot_id, telegram_user_id
        ), history as (
            insert into job_events (job_id, event, actor) select id, 'completed', $3 from done
        )
        """
}
