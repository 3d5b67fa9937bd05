package import CoachDomain
package import CoachStore

/// What goes with a message, ready to be sent.
package struct RenderedAttachment: Sendable {
    package enum Content: Sendable {
        /// PNG.
        case picture([UInt8])
        /// Ogg/Opus.
        case voice([UInt8], seconds: Double)
        case document([UInt8], filename: String, contentType: String)
    }

    package var content: Content
    package var calls: [ProviderCall]

    package init(_ content: Content, calls: [ProviderCall] = []) {
        self.content = content
        self.calls = calls
    }
}

/// Makes attachments from what the ledger holds, at the moment when they are sent.
package protocol AttachmentRenderer: Sendable {
    /// - Returns: `nil` when what it would show is gone: the words have expired, the note was deleted.
    /// - Throws: ``CoachDomain/JobFailure`` or ``CoachStore/StoreError``. A paid call that was made is booked or
    ///   cached, so that the next attempt does not pay again.
    func render(_ attachment: Attachment, for person: Person) async throws -> RenderedAttachment?
}
