/// How one person wants to be coached; what is not set follows the product's defaults.
package struct SpeakerSettings: Hashable, Sendable, Codable {
    /// Primary tag of the language that the coach writes in; `nil` for that of the person's Telegram.
    package var coachLanguage: String?
    /// Primary tag of the language that the person speaks; `nil` to let the recogniser find out.
    package var spokenLanguage: String?
    /// What to look at first; `nil` to let the coach choose.
    package var focus: CoachingTopic?
    /// Whether a picture follows each answer.
    package var sendsCard: Bool
    /// Whether pictures are drawn for the night.
    package var darkPictures: Bool
    /// Whether the better version follows as a voice message unasked.
    package var speaksRewrite: Bool
    /// Minute of the day, in the person's own time, at which to remind of practice; `nil` for never.
    package var reminderMinute: Int?
    /// The person's clock against UTC, in minutes, for reminders and streaks; `nil` until the person has told.
    package var utcOffsetMinutes: Int?

    package init(
        coachLanguage: String? = nil, spokenLanguage: String? = nil, focus: CoachingTopic? = nil,
        sendsCard: Bool = true, darkPictures: Bool = false,
        speaksRewrite: Bool = false, reminderMinute: Int? = nil,
        utcOffsetMinutes: Int? = nil
    ) {
        self.coachLanguage = coachLanguage
        self.spokenLanguage = spokenLanguage
        self.focus = focus
        self.sendsCard = sendsCard
        self.darkPictures = darkPictures
        self.speaksRewrite = speaksRewrite
        self.reminderMinute = reminderMinute
        self.utcOffsetMinutes = utcOffsetMinutes
    }

    private enum CodingKeys: String, CodingKey {
        case coachLanguage, spokenLanguage, focus, sendsCard, darkPictures, speaksRewrite, reminderMinute,
            utcOffsetMinutes
    }

    /// Lenient, so that settings of an older or a newer program never lock a person out.
    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        func field<Value: Decodable>(_ key: CodingKeys, _ type: Value.Type = Value.self) -> Value? {
            (try? fields.decodeIfPresent(type, forKey: key)) ?? nil
        }
        self.init(
            coachLanguage: field(.coachLanguage), spokenLanguage: field(.spokenLanguage),
            focus: field(.focus), sendsCard: field(.sendsCard) ?? true,
            darkPictures: field(.darkPictures) ?? false,
            speaksRewrite: field(.speaksRewrite) ?? false, reminderMinute: field(.reminderMinute),
            utcOffsetMinutes: field(.utcOffsetMinutes))
    }
}

/// One choice in the settings menu.
package enum SettingsChange: Hashable, Sendable, Codable {
    case coachLanguage(String?)
    case spokenLanguage(String?)
    case focus(CoachingTopic?)
    case sendsCard(Bool)
    case darkPictures(Bool)
    case speaksRewrite(Bool)
    /// Minute of the day in the person's own time.
    case reminder(Int?)
    /// Minutes.
    case utcOffset(Int)

    package func apply(to settings: inout SpeakerSettings) {
        switch self {
        case .coachLanguage(let tag): settings.coachLanguage = tag
        case .spokenLanguage(let tag): settings.spokenLanguage = tag
        case .focus(let topic): settings.focus = topic
        case .sendsCard(let isOn): settings.sendsCard = isOn
        case .darkPictures(let isOn): settings.darkPictures = isOn
        case .speaksRewrite(let isOn): settings.speaksRewrite = isOn
        case .reminder(let minute): settings.reminderMinute = minute
        case .utcOffset(let minutes): settings.utcOffsetMinutes = minutes
        }
    }
}
