/// How one measure has gone from note to note, against the speaker's own usual range, with the streak of days.
///
/// All words and formatted numbers come from the caller, in the speaker's language.
package struct ProgressPicture: Hashable, Sendable {
    /// One note.
    package struct Entry: Hashable, Sendable {
        package var value: Double
        /// Formatted; drawn at the first and the latest note.
        package var text: String
        /// When, for example `21 Nov`; drawn where there is room.
        package var day: String

        package init(value: Double, text: String, day: String) {
            self.value = value
            self.text = text
            self.day = day
        }
    }

    /// One day of the row of days.
    package struct Day: Hashable, Sendable {
        /// One or two letters, for example `Mo`.
        package var name: String
        package var isPractised: Bool
        package var isToday: Bool

        package init(name: String, isPractised: Bool, isToday: Bool = false) {
            self.name = name
            self.isPractised = isPractised
            self.isToday = isToday
        }
    }

    /// For example `Fillers per minute`.
    package var title: String
    /// What the latest note says, for example `3.1, your usual is 5.4`.
    package var summary: String
    package var tone: CoachCard.Tone
    /// In order of time; the newest 30 are drawn.
    package var entries: [Entry]
    /// The speaker's own usual range, for example the middle half of earlier notes; `nil` while unknown.
    package var usual: ClosedRange<Double>?
    /// Legend of that range, for example `your usual range`.
    package var usualText: String
    /// For example `less is better`; empty for none.
    package var direction: String
    /// For example `6 days in a row`.
    package var streak: String
    /// The latest days, at most 14.
    package var days: [Day]
    package var theme: Theme

    package init(
        title: String, summary: String, tone: CoachCard.Tone = .neutral, entries: [Entry],
        usual: ClosedRange<Double>? = nil, usualText: String = "", direction: String = "",
        streak: String = "", days: [Day] = [], theme: Theme = .light
    ) {
        self.title = title
        self.summary = summary
        self.tone = tone
        self.entries = entries
        self.usual = usual
        self.usualText = usualText
        self.direction = direction
        self.streak = streak
        self.days = days
        self.theme = theme
    }

    /// Draws the picture: a PNG file 1080 pixels wide, under 100 kB.
    ///
    /// Runs on the pictures' own thread. Cancelling the caller does not stop it.
    package func png() async throws(PictureError) -> [UInt8] {
        try await DrawingQueue.draw { () throws(PictureError) in try drawn() }
    }
}
