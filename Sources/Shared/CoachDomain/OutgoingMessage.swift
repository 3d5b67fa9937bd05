/// A button under a message of the bot.
package struct MessageButton: Hashable, Sendable, Codable {
    package var label: String
    /// Comes back when it is pressed; 1 to 64 bytes.
    package var data: String

    package init(_ label: String, data: String) {
        self.label = label
        self.data = data
    }
}

/// Something to see or hear, named by what it shows: it is made when it is sent, from what the ledger holds, so
/// that no picture, sound or file has to be stored.
package enum Attachment: Hashable, Sendable, Codable {
    /// The picture of one note.
    case card(NoteID)
    /// The person's trend.
    case progress
    /// The better version of a note, spoken.
    case spokenRewrite(NoteID)
    /// Everything that is held of the person.
    case export(SpeakerRequest.ExportFormat)
}

/// Something to tell a person.
package struct OutgoingMessage: Hashable, Sendable, Codable {
    /// The text, or the caption of what is attached.
    package var body: RichText
    /// Rows.
    package var buttons: [[MessageButton]]
    package var attachment: Attachment?
    /// The message of the bot that this one takes the place of; `nil` for a new one.
    package var replaces: Int64?
    /// The person's message that this one answers; `nil` for none.
    package var answers: Int64?
    /// The note that it tells something of; it is deleted with the note.
    package var about: NoteID?

    package init(
        _ body: RichText, buttons: [[MessageButton]] = [], attachment: Attachment? = nil,
        replaces: Int64? = nil, answers: Int64? = nil, about: NoteID? = nil
    ) {
        self.body = body
        self.buttons = buttons
        self.attachment = attachment
        self.replaces = replaces
        self.answers = answers
        self.about = about
    }
}
