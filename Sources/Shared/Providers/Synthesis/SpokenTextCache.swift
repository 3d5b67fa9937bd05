package import CoachDomain
import Foundation

/// Under which name a spoken text is kept: the same name means the same sound.
package struct SpokenTextKey: Hashable, Sendable, CustomStringConvertible {
    /// Raised when the same settings come to sound different, or the form of the bytes changes.
    package static let version = 1

    /// SHA-256 of everything that decides the sound, 64 lowercase hexadecimal digits. Says nothing of the text.
    package let digest: String

    /// - Parameters:
    ///   - passage: What is said, in which language.
    ///   - voice: Who says it, and how.
    package init(_ passage: SpokenPassage, by voice: SynthesizerDescriptor, version: Int = Self.version) {
        let parts = [
            String(version), voice.name, voice.model, voice.voice, passage.language, passage.text,
        ]
        // Lengths before the parts: no two lists give the same bytes.
        let bytes = parts.flatMap { Array("\($0.utf8.count):\($0)".utf8) }
        digest = SHA256.digest(bytes).map { String(format: "%02x", $0) }.joined()
    }

    package var description: String { digest }
}

/// Where spoken texts are kept, so that the same sentence is never paid for twice.
///
/// Neither operation fails: a store that cannot be reached knows nothing and keeps nothing, and reports that
/// itself. What is kept is the speaker's own text, so it has to be found by whatever erases the speaker.
package protocol SpokenTextCache: Sendable {
    /// The bytes that were stored under the key.
    func lookup(_ key: SpokenTextKey) async -> [UInt8]?

    /// Keeps the bytes; whoever stores under the same key again stores the same sound.
    func store(_ clip: VoiceClip, under key: SpokenTextKey) async
}
