import CoachDomain
import Foundation

extension SpeechMetrics {
    /// Voiced time below which a pitch says little about a voice.
    private static let shortestVoice = 1.0

    /// - Returns: Where phrases fade out.
    mutating func addSound(_ input: MeasurementInput) -> [TimeSpan] {
        guard input.turn != nil else { return [] }
        set(
            .loudnessLUFS, input.loudnessLUFS, unit: "LUFS", definition: "bs1770-gated/1",
            confidence: input.originalSeconds / 3)
        set(
            .signalToNoiseDB, input.signalToNoiseDB, unit: "dB", definition: "speech-to-noise/1",
            confidence: input.originalSeconds / 5)
        guard let acoustics = input.acoustics else { return [] }
        addPitch(acoustics.pitch.voiced(in: input.speechSpans))
        return addLoudness(acoustics.intensity, input)
    }

    private mutating func addPitch(_ hertz: [Float]) {
        let seconds = Double(hertz.count) / Double(AcousticTrack.framesPerSecond)
        guard seconds >= Self.shortestVoice, let median = hertz.quantile(0.5) else { return }
        let sureness = seconds / 10
        set(.pitchMedianHz, Double(median), unit: "Hz", definition: "pitch-median/1", confidence: sureness)
        let semitones = hertz.map { 12 * log2($0 / median) }
        set(
            .pitchSpreadSemitones, semitones.standardDeviation, unit: "semitones", definition: "pitch-sd/1",
            confidence: sureness)
        if let low = semitones.quantile(0.05), let high = semitones.quantile(0.95) {
            set(
                .pitchRangeSemitones, Double(high - low), unit: "semitones", definition: "pitch-range-5-95/1",
                confidence: sureness)
        }
    }

    private mutating func addLoudness(_ intensity: IntensityTrack, _ input: MeasurementInput) -> [TimeSpan] {
        let level = intensity.smoothed(width: 11)
        let voice = Self.voiceLevels(level, frames: intensity.frames(in: input.speechSpans))
        let seconds = Double(voice.count) / Double(AcousticTrack.framesPerSecond)
        guard seconds >= Self.shortestVoice else { return [] }
        set(
            .loudnessVariationDB, voice.map { level[$0] }.standardDeviation, unit: "dB",
            definition: "level-sd/1", confidence: min(seconds / 10, input.soundTrust))
        // Without pauses there are no phrases, and what fades is unknown.
        guard input.arePausesKnown else { return [] }
        let phrases = Self.phrases(of: input.speechSpans)
        let faded = phrases.compactMap { fade(of: $0, level: level) }
        set(
            .fadeOutCount, Double(faded.count), unit: "count", definition: "phrase-end-9dB-down/1",
            confidence: min(Double(phrases.count) / 5, input.soundTrust))
        return faded
    }

    /// The frames that carry the voice: stop gaps and breaths inside a span are not its loudness.
    static func voiceLevels(_ level: [Float], frames: [Int]) -> [Int] {
        guard let loud = frames.map({ level[$0] }).quantile(0.95) else { return [] }
        return frames.filter { level[$0] > loud - 25 }
    }

    /// Speech between two pauses.
    static func phrases(of spans: [TimeSpan]) -> [TimeSpan] {
        var phrases: [TimeSpan] = []
        for span in spans {
            if let last = phrases.last, span.start - last.end < shortestPause {
                phrases[phrases.count - 1] = TimeSpan(start: last.start, end: span.end)
            } else {
                phrases.append(span)
            }
        }
        return phrases
    }

    /// The last 0.4 s of a phrase of at least 1.2 s, where they lie 9 dB or more below the rest of it.
    ///
    /// Compared by the upper quartile of either part, so that a final consonant or a stop gap is no fade.
    private func fade(of phrase: TimeSpan, level: [Float]) -> TimeSpan? {
        guard phrase.duration >= 1.2 else { return nil }
        let rate = Double(AcousticTrack.framesPerSecond)
        let start = Int(phrase.start * rate)
        let end = min(Int(phrase.end * rate), level.count)
        let border = end - 40
        guard start >= 0, border > start, let body = level[start..<border].quantile(0.75),
            let tail = level[border..<end].quantile(0.75), body - tail >= 9
        else { return nil }
        return TimeSpan(start: Double(border) / rate, end: Double(end) / rate)
    }
}
