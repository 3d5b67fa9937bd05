import CoachDomain
import Foundation

extension SpeechMetrics {
    /// Courses over time, as pictures need them; after the measures, on whose findings they rest.
    mutating func addContours(_ input: MeasurementInput, fadeOuts: [TimeSpan]) {
        var contours = SpeechContours(seconds: input.originalSeconds)
        contours.pace = PaceCurve(input)?.contour
        if let acoustics = input.acoustics {
            contours.envelope = Self.envelope(acoustics.intensity)
            contours.fadeOuts = Array(fadeOuts.prefix(SpeechContours.fadeOutLimit))
            if let median = self[.pitchMedianHz] {
                contours.pitch = Self.pitch(acoustics.pitch, spans: input.speechSpans, median: Float(median))
            }
            if self[.loudnessVariationDB] != nil {
                contours.loudness = Self.loudness(acoustics.intensity, spans: input.speechSpans)
            }
        }
        guard contours.pace != nil || contours.envelope != nil else { return }
        self.contours = contours
    }

    /// Amplitude of the loudest 10 ms of each step against the loudest of all.
    private static func envelope(_ intensity: IntensityTrack) -> Contour? {
        guard let loudest = intensity.decibels.max(), loudest > IntensityTrack.silenceDB else { return nil }
        return contour(
            frames: intensity.decibels.count, points: SpeechContours.envelopePoints, unit: "ratio",
            range: 0...1
        ) { step in
            step.map { intensity.decibels[$0] }.max().map { pow(10, Double($0 - loudest) / 20) }
        }
    }

    /// The middle pitch of each step that is voiced for a quarter of its time.
    private static func pitch(_ pitch: PitchTrack, spans: [TimeSpan], median: Float) -> Contour {
        let isSpoken = spoken(spans, frames: pitch.hertz.count)
        return contour(
            frames: pitch.hertz.count, points: SpeechContours.points, unit: "semitones", range: -12.7...12.7
        ) { step in
            let hertz = step.filter { isSpoken[$0] }.map { pitch.hertz[$0] }
                .filter { $0 > 0 && abs(log2($0 / median)) <= 1 }
            guard hertz.count * 4 >= step.count else { return nil }
            return hertz.quantile(0.5).map { Double(12 * log2($0 / median)) }
        }
    }

    /// The mean level of the voiced part of each step, against the middle level of all speech.
    private static func loudness(_ intensity: IntensityTrack, spans: [TimeSpan]) -> Contour? {
        let level = intensity.smoothed(width: 11)
        let voice = voiceLevels(level, frames: intensity.frames(in: spans))
        guard let usual = voice.map({ level[$0] }).quantile(0.5) else { return nil }
        var isVoice = [Bool](repeating: false, count: level.count)
        for frame in voice { isVoice[frame] = true }
        return contour(
            frames: level.count, points: SpeechContours.points, unit: "dB", range: -31.75...31.75
        ) { step in
            let heard = step.filter { isVoice[$0] }
            guard !heard.isEmpty else { return nil }
            return heard.reduce(0) { $0 + Double(level[$1] - usual) } / Double(heard.count)
        }
    }

    /// - Parameter value: Of the frames of one step.
    private static func contour(
        frames: Int, points: Int, unit: String, range: ClosedRange<Double>,
        value: (Range<Int>) -> Double?
    ) -> Contour {
        let width = max(1, (frames + points - 1) / points)
        let values = stride(from: 0, to: frames, by: width).map { value($0..<min($0 + width, frames)) }
        return Contour(
            step: Double(width) / Double(AcousticTrack.framesPerSecond), unit: unit, range: range,
            values: values)
    }

    private static func spoken(_ spans: [TimeSpan], frames: Int) -> [Bool] {
        var isSpoken = [Bool](repeating: false, count: frames)
        let rate = Double(AcousticTrack.framesPerSecond)
        for span in spans {
            let low = max(0, Int((span.start * rate).rounded()))
            let high = min(frames, Int((span.end * rate).rounded()))
            for frame in low..<max(low, high) { isSpoken[frame] = true }
        }
        return isSpoken
    }
}
