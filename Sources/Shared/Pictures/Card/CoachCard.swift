/// One note on one picture, readable on a phone: three numbers, the voice with its pauses and fillers, pace over
/// time against a comfortable band, and the melody of the voice in semitones.
///
/// All words come from the caller, in the speaker's language. What is not known is left empty and its diagram
/// left out. Times are seconds on the note's original clock; values outside the note, and values that are no
/// numbers, are left out.
package struct CoachCard: Hashable, Sendable {
    /// How a number is to be taken.
    package enum Tone: Hashable, Sendable {
        case neutral, good
        /// Worth the speaker's attention.
        case watch
    }

    /// One of the three numbers on top.
    package struct Headline: Hashable, Sendable {
        /// Formatted, for example `142`.
        package var value: String
        /// Beside the value, small; for example `wpm`.
        package var unit: String
        /// What it is, for example `Pace`.
        package var label: String
        /// What to think of it, for example `comfortable`; empty for none.
        package var remark: String
        package var tone: Tone

        package init(
            value: String, unit: String = "", label: String, remark: String = "", tone: Tone = .neutral
        ) {
            self.value = value
            self.unit = unit
            self.label = label
            self.remark = remark
            self.tone = tone
        }
    }

    /// A stretch of the note with a word for it.
    package struct Mark: Hashable, Sendable {
        package var start: Double
        package var end: Double
        /// Drawn where there is room, for example `1.4 s` on a pause or `um` over a filler.
        package var label: String

        package init(start: Double, end: Double, label: String = "") {
            self.start = start
            self.end = end
            self.label = label
        }
    }

    /// A value at an instant.
    package struct Reading: Hashable, Sendable {
        package var time: Double
        package var value: Double

        package init(time: Double, value: Double) {
            self.time = time
            self.value = value
        }
    }

    /// The words on the card.
    package struct Texts: Hashable, Sendable {
        /// Over the waveform, for example `Your voice`.
        package var voice: String
        /// Legend of the shading, for example `pause`.
        package var pause: String
        /// Legend of the marks, for example `filler`.
        package var filler: String
        /// For example `Pace, words per minute`.
        package var pace: String
        /// Legend of the band, for example `comfortable`.
        package var comfortable: String
        /// For example `Melody, semitones`.
        package var melody: String

        package init(
            voice: String, pause: String, filler: String, pace: String, comfortable: String, melody: String
        ) {
            self.voice = voice
            self.pause = pause
            self.filler = filler
            self.pace = pace
            self.comfortable = comfortable
            self.melody = melody
        }
    }

    /// For example `Your note`.
    package var title: String
    /// To the right of the title, for example `21 Nov · 0:42`.
    package var subtitle: String
    /// Three, or fewer; more are left out.
    package var headlines: [Headline]
    /// Length of the note.
    package var seconds: Double
    /// Amplitudes 0…1, evenly spread over the note, any number of them. The loudest fills the height.
    package var waveform: [Double]
    package var pauses: [Mark]
    package var fillers: [Mark]
    /// In order of time.
    package var pace: [Reading]
    package var comfortablePace: ClosedRange<Double>?
    /// Semitones around the speaker's own median, in order of time; voiceless stretches simply have none.
    package var pitch: [Reading]
    package var texts: Texts
    package var theme: Theme

    package init(
        title: String, subtitle: String = "", headlines: [Headline], seconds: Double, waveform: [Double],
        pauses: [Mark] = [], fillers: [Mark] = [], pace: [Reading] = [],
        comfortablePace: ClosedRange<Double>? = nil, pitch: [Reading] = [], texts: Texts,
        theme: Theme = .light
    ) {
        self.title = title
        self.subtitle = subtitle
        self.headlines = headlines
        self.seconds = seconds
        self.waveform = waveform
        self.pauses = pauses
        self.fillers = fillers
        self.pace = pace
        self.comfortablePace = comfortablePace
        self.pitch = pitch
        self.texts = texts
        self.theme = theme
    }

    /// Draws the card: a PNG file 1080 pixels wide, under 100 kB.
    ///
    /// Runs on the pictures' own thread. Cancelling the caller does not stop it.
    package func png() async throws(PictureError) -> [UInt8] {
        try await DrawingQueue.draw { () throws(PictureError) in try drawn() }
    }
}
