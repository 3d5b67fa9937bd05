/// What audio preparation did to a recording: its waveform, what was kept and what was cut out, and the pitch.
///
/// For people at a terminal, so in English. Times are seconds of the original.
package struct SignalPlot: Hashable, Sendable {
    /// A stretch of the original.
    package struct Stretch: Hashable, Sendable {
        package var start: Double
        package var end: Double

        package init(start: Double, end: Double) {
            self.start = start
            self.end = end
        }
    }

    /// For example the name of the file.
    package var title: String
    /// One line of figures.
    package var caption: String
    package var seconds: Double
    /// Level in dB relative to full scale, evenly spread over the recording.
    package var levels: [Double]
    /// What the upload holds, in order.
    package var kept: [Stretch]
    /// Where speech was detected, in order.
    package var speech: [Stretch]
    /// Hertz, evenly spread over the recording; 0 without a voice.
    package var pitch: [Double]
    package var theme: Theme

    package init(
        title: String, caption: String, seconds: Double, levels: [Double], kept: [Stretch],
        speech: [Stretch], pitch: [Double], theme: Theme = .light
    ) {
        self.title = title
        self.caption = caption
        self.seconds = seconds
        self.levels = levels
        self.kept = kept
        self.speech = speech
        self.pitch = pitch
        self.theme = theme
    }

    /// Draws the plot: a PNG file 1600 pixels wide; the longer the recording, the more it is condensed.
    ///
    /// Runs on the pictures' own thread. Cancelling the caller does not stop it.
    package func png() async throws(PictureError) -> [UInt8] {
        try await DrawingQueue.draw { () throws(PictureError) in try drawn() }
    }
}
