import CoachDomain
import CoachStore
import Logging
import Providers

/// Sound that was paid for, kept in the ledger beside the note whose words it speaks, and erased with it.
struct LedgerSpokenTexts: SpokenTextCache {
    let ledger: Ledger
    let note: NoteID
    let logger: Logger

    func lookup(_ key: SpokenTextKey) async -> [UInt8]? {
        do {
            return try await ledger.spokenText(key.digest, for: note)
        } catch {
            logger.warning("a kept sound was not found", metadata: ["error": "\(error)"])
            return nil
        }
    }

    func store(_ clip: VoiceClip, under key: SpokenTextKey) async {
        do {
            try await ledger.keepSpokenText(clip, under: key.digest, for: note)
        } catch {
            logger.warning("a sound was not kept", metadata: ["error": "\(error)"])
        }
    }
}
