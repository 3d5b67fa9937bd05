import CoachDomain
import Foundation

extension SpeechMetrics {
    /// Voiced time below which a pitch says little about a voice.
    private static let shortestVoice = 1.0

    mutating func addSound(_ input: MeasurementInput) {
        set(.loudnessLUFS, input.loudnessLUFS, unit: "LUFS", definition: "bs1770-gated/1")
        set(.signalToNoiseDB, input.signalToNoiseDB, unit: "dB", definition: "speech-to-noise/1")
        guard let acoustics = input.acoustics else { return }
        addPitch(acoustics.pitch.voiced(in: input.speechSpans))
        addLoudness(acoustics.intensity, input)
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

    private mutating func addLoudness(_ intensity: IntensityTrack, _ input: MeasurementInput) {
        let level = intensity.smoothed(width: 11)
        let speech = intensity.frames(in: input.speechSpans)
        guard let loud = speech.map({ level[$0] }).quantile(0.95) else { return }
        // Stop gaps and breaths inside a span are not the loudness of the voice.
        let voiced = speech.filter { level[$0] > loud - 25 }.map { level[$0] }
        guard Double(voiced.count) / Double(AcousticTrack.framesPerSecond) >= Self.shortestVoice else {
            return
        }
        let seconds = Double(voiced.count) / Double(AcousticTrack.framesPerSecond)
        set(
            .loudnessVariationDB, voiced.standardDeviation, unit: "dB", definition: "level-sd/1",
            confidence: seconds / 10)
        let phrases = Self.phrases(of: input.speechSpans)
        let faded = phrases.count { fades($0, level: level) }
        set(
            .fadeOutCount, Double(faded), unit: "count", definition: "phrase-end-9dB-down/1",
            confidence: Double(phrases.count) / 5)
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

    /// Whether the last 0.4 s of a phrase of at least 1.2 s lie 9 dB or more below the rest of it.
    ///
    /// Compared by the upper quartile of either part, so that a final consonant or a stop gap is no fade.
    private func fades(_ phrase: TimeSpan, level: [Float]) -> Bool {
        guard phrase.duration >= 1.2 else { return false }
        let rate = Double(AcousticTrack.framesPerSecond)
        let start = Int(phrase.start * rate)
        let end = min(Int(phrase.end * rate), level.count)
        let border = end - 40
        guard start >= 0, border > start else { return false }
        guard let body = level[start..<border].quantile(0.75), let tail = level[border..<end].quantile(0.75)
        else {
            return false
        }
        return body - tail >= 9
    }
}
