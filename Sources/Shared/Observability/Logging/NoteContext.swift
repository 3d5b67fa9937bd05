package import Logging

/// The voice note that the current task works for.
///
/// One id follows a note from the webhook to the reply: every log line written inside ``with(_:operation:)``
/// carries it as `note`, whichever logger wrote it, because the log handler asks ``metadataProvider``.
/// Child tasks and task groups inherit it; a detached task does not.
package enum NoteContext {
    @TaskLocal private static var note: String?

    /// The id of the note at hand, if any.
    package static var current: String? { note }

    /// Runs `operation` on behalf of the note `id`.
    ///
    /// - Parameter id: The ledger's id of the voice note; never a Telegram file id or a user's name.
    package static func with<Result>(
        _ id: some CustomStringConvertible, operation: () throws -> Result
    ) rethrows -> Result {
        try $note.withValue(id.description, operation: operation)
    }

    /// Runs `operation` on behalf of the note `id`, on the caller's executor.
    ///
    /// - Parameter id: The ledger's id of the voice note; never a Telegram file id or a user's name.
    package static func with<Result>(
        _ id: some CustomStringConvertible, operation: () async throws -> Result
    ) async rethrows -> Result {
        try await $note.withValue(id.description, operation: operation)
    }

    /// Adds `note` to each log line written inside ``with(_:operation:)``.
    package static let metadataProvider = Logger.MetadataProvider {
        guard let note else { return [:] }
        return ["note": .string(note)]
    }
}
