package import CoachDomain
import Foundation
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
    package var languageCode: String?
}

/// What the coach stage needs to know of a note.
package struct NoteToCoach: Sendable {
    package var note: NoteID
    package var languageCode: String?
    package var audio: AudioSummary
    package var transcript: Transcript
    package var metrics: SpeechMetrics
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
            select chat_id, message_id, kind, file_id, file_bytes, mime_type, declared_seconds, language_code
            from voice_messages where id = $1
            """, [.integer(note.rawValue)])
        guard let row = rows.first else { throw .notFound("voice message \(note)") }
        return NoteToTranscribe(
            note: note, chatID: try row.value("chat_id"), messageID: try row.value("message_id"),
            kind: try row.value("kind"), fileID: try row.value("file_id"),
            fileBytes: try row.value("file_bytes"), mimeType: try row.value("mime_type"),
            declaredSeconds: try row.value("declared_seconds"), languageCode: try row.value("language_code"))
    }

    package func noteToCoach(_ note: NoteID) async throws(StoreError) -> NoteToCoach {
        let rows = try await run(
            """
            select v.language_code as user_language, v.audio, t.provider, t.model, t.language, t.text, t.words,
                   t.capabilities, m.body as metrics
            from voice_messages v
            join transcripts t on t.voice_message_id = v.id
            join speech_metrics m on m.voice_message_id = v.id
            where v.id = $1
            """, [.integer(note.rawValue)])
        guard let row = rows.first else { throw .notFound("transcript of voice message \(note)") }
        return NoteToCoach(
            note: note, languageCode: try row.value("user_language"),
            audio: try LedgerJSON.decode(AudioSummary.self, from: try row.value("audio")),
            transcript: Transcript(
                text: try row.value("text"), language: try row.value("language"),
                provider: try row.value("provider"), model: try row.value("model"),
                capabilities: try LedgerJSON.decode(
                    RecognizerCapabilities.self, from: try row.value("capabilities")),
                words: try LedgerJSON.decode([Word].self, from: try row.value("words"))),
            metrics: try LedgerJSON.decode(SpeechMetrics.self, from: try row.value("metrics")))
    }

    /// Ends the transcribe stage: transcript, measures and the coach's job, in one statement.
    ///
    /// - Parameter coachWithin: How long the coach has from now.
    /// - Returns: What is to be announced: the coach's job first, then the next note of the same person.
    /// - Throws: ``StoreError/fenced(_:)`` when the lease is lost; nothing was written.
    package func completeTranscription(
        _ lease: Lease, _ result: TranscribedNote, coachWithin: Duration, calls: [ProviderCall]
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
            ), \(Self.promotedSQL(from: "done"))
            select id, 'coach' as stage from next union all select id, 'transcribe' from promoted
            """,
            [
                .integer(lease.job.rawValue), .integer(lease.token), .text(actor),
                try LedgerJSON.encode(result.audio), .text(transcript.provider), .text(transcript.model),
                transcript.language.map { .text($0) } ?? .null, .text(transcript.text),
                try LedgerJSON.encode(transcript.words), try LedgerJSON.encode(transcript.capabilities),
                .text(result.audio.pipelineVersion), .integer(Int64(result.metrics.version)),
                try LedgerJSON.encode(result.metrics), try LedgerJSON.encode(calls),
                .double(coachWithin.inSeconds),
            ])
        guard !rows.isEmpty else { throw .fenced(lease.job) }
        return try hints(in: rows).sorted { $0.stage == .coach && $1.stage != .coach }
    }

    /// Ends the coach stage: feedback, the text that will be shown, and its delivery job, in one statement.
    ///
    /// - Returns: The delivery job.
    /// - Throws: ``StoreError/fenced(_:)`` when the lease is lost; nothing was written.
    package func completeCoaching(
        _ lease: Lease, feedback: Feedback, reply: RichText, calls: [ProviderCall]
    ) async throws(StoreError) -> JobID {
        let rows = try await run(
            """
            with \(Self.succeededSQL), judged as (
                insert into feedback (voice_message_id, provider, model, prompt_version, body)
                select voice_message_id, $4, $5, $6, $7 from done
            ), \(Self.callsSQL(from: "done", parameter: "$9")), outbound as (
                insert into outbound_messages
                    (bot_id, telegram_user_id, chat_id, voice_message_id, reply_to_message_id, kind, body)
                select v.bot_id, v.telegram_user_id, v.chat_id, v.id, v.message_id, 'feedback', $8
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
                try LedgerJSON.encode(reply), try LedgerJSON.encode(calls),
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
