package import CoachDomain
import Postgres

extension Ledger {
    /// Sound that was made under this key, whoever it was made for; it is kept as long as one of its notes is.
    ///
    /// - Parameter note: Is one of them from now on.
    package func spokenText(_ key: String, for note: NoteID) async throws(StoreError) -> [UInt8]? {
        let rows = try await run(
            """
            with used as (
                insert into spoken_text_uses (key, voice_message_id)
                select s.key, v.id from spoken_texts s, voice_messages v where s.key = $1 and v.id = $2
                on conflict do nothing
            )
            select audio from spoken_texts where key = $1
            """, [.text(key), .integer(note.rawValue)])
        return try rows.first?.value("audio", as: [UInt8].self)
    }

    /// Keeps sound for a note; nothing is kept for a note that is gone.
    package func keepSpokenText(_ clip: VoiceClip, under key: String, for note: NoteID)
        async throws(StoreError)
    {
        _ = try await run(
            """
            with owner as (
                select id from voice_messages where id = $4 for key share
            ), kept as (
                insert into spoken_texts (key, audio, seconds) select $1, $2, $3 from owner
                on conflict (key) do update set seconds = excluded.seconds
                returning key
            )
            insert into spoken_text_uses (key, voice_message_id) select kept.key, owner.id from kept, owner
            on conflict do nothing
            """, [.text(key), .bytes(clip.bytes), .double(clip.seconds), .integer(note.rawValue)])
    }
}
