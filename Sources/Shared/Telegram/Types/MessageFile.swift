/// A file in a message that may hold speech.
///
/// Everything but the id is what the sender's app declared: it may be missing, and it may be wrong.
package struct MessageFile: Hashable, Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        case voice, audio
        case videoNote = "video_note"
        case video
        /// A silent film. Telegram repeats it as a document, so it has to be told from one.
        case animation
        case document
    }

    package let kind: Kind
    /// Good for `getFile`, and only for this bot.
    package let fileID: String
    /// The same for every bot and over time; not good for downloads.
    package let fileUniqueID: String?
    /// In bytes; may exceed 32 bits.
    package let fileSize: Int64?
    /// Whole seconds.
    package let duration: Int?
    package let mimeType: String?
    package let fileName: String?

    package init(
        kind: Kind, fileID: String, fileUniqueID: String? = nil, fileSize: Int64? = nil, duration: Int? = nil,
        mimeType: String? = nil, fileName: String? = nil
    ) {
        self.kind = kind
        self.fileID = fileID
        self.fileUniqueID = fileUniqueID
        self.fileSize = fileSize
        self.duration = duration
        self.mimeType = mimeType
        self.fileName = fileName
    }

    init?(in message: LenientFields) {
        for kind in Kind.allCases {
            guard let file = message.optional(kind.rawValue, as: Declaration.self) else { continue }
            self.init(
                kind: kind, fileID: file.id, fileUniqueID: file.uniqueID, fileSize: file.size,
                duration: file.duration, mimeType: file.mimeType, fileName: file.name)
            return
        }
        return nil
    }

    private struct Declaration: Decodable {
        let id: String
        let uniqueID: String?
        let size: Int64?
        let duration: Int?
        let mimeType: String?
        let name: String?

        init(from decoder: any Decoder) throws {
            let fields = try LenientFields(decoder)
            id = try fields.required("file_id")
            uniqueID = fields.optional("file_unique_id")
            size = fields.optional("file_size")
            duration = fields.optional("duration")
            mimeType = fields.optional("mime_type")
            name = fields.optional("file_name")
        }
    }
}
