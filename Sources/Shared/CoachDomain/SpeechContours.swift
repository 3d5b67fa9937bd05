/// How a note went over time, in at most a few kilobytes: enough to draw it without its audio.
///
/// What could not be measured is `nil`. All times are seconds of the original note.
package struct SpeechContours: Hashable, Sendable, Codable {
    /// Most points of pitch, loudness and pace.
    package static let points = 200
    /// Most points of the envelope.
    package static let envelopePoints = 400
    /// Most fade-outs that are kept; the first ones.
    package static let fadeOutLimit = 50

    /// Length of the note as decoded.
    package var seconds: Double
    /// Amplitude relative to the loudest moment, 0…1, at most ``envelopePoints``: the waveform's outline.
    package var envelope: Contour?
    /// Semitones from the speaker's own median in this note; nothing where there is no voice.
    package var pitch: Contour?
    /// Decibels from the usual level of the speech in this note; nothing in pauses.
    package var loudness: Contour?
    /// Words a minute in a window around each point, pauses inside included; syllables a second where
    /// there are no word times. The unit says which.
    package var pace: Contour?
    /// Ends of phrases that were clearly quieter than the rest of the phrase, in order.
    package var fadeOuts: [TimeSpan]

    package init(
        seconds: Double, envelope: Contour? = nil, pitch: Contour? = nil, loudness: Contour? = nil,
        pace: Contour? = nil, fadeOuts: [TimeSpan] = []
    ) {
        self.seconds = seconds
        self.envelope = envelope
        self.pitch = pitch
        self.loudness = loudness
        self.pace = pace
        self.fadeOuts = fadeOuts
    }
}
