/// What a person asks of the bot besides coaching a note: a command, a written message, a pressed button.
package enum SpeakerRequest: Hashable, Sendable, Codable {
    /// Answered by a fixed text.
    package enum Topic: String, Hashable, Sendable, Codable, CaseIterable {
        case start, help, text, unsupported, unknownCommand, privacy
    }

    /// A part of the settings menu.
    package enum SettingsPage: String, Hashable, Sendable, Codable, CaseIterable {
        case overview, coachLanguage, spokenLanguage, focus, reminder, clock
    }

    /// A button under an answer.
    package enum NoteAction: String, Hashable, Sendable, Codable, CaseIterable {
        case transcript, tips, again, hear, dispute
        case delete
        /// The second press, after the bot has asked.
        case deleteForSure
    }

    package enum Erasure: String, Hashable, Sendable, Codable, CaseIterable { case ask, confirm, decline }

    package enum ExportFormat: String, Hashable, Sendable, Codable, CaseIterable { case json, csv }

    case tell(Topic)
    case note(NoteID, NoteAction)
    case progress
    case history
    /// A prompt to speak about; `nil` to choose the goal first.
    case practise(PracticeGoal?)
    case settings(SettingsPage)
    case change(SettingsChange)
    case export
    case erase(Erasure)
}

/// What a person practises for. The raw value stands in the ids of topics: never rename one.
package enum PracticeGoal: String, Hashable, Sendable, Codable, CaseIterable {
    case interview, pitch, smallTalk, exam
}
