import CoachDomain
import Foundation

/// Finds filled pauses by their sound, for recognisers that leave them out: stretches of voice that belong
/// to no recognised word, flat in pitch and steady in level (the cues of Audhkhasi et al. 2009 and of
/// O'Shaughnessy 1992).
///
/// A word that the recogniser missed sounds alike, so the result is evidence of a lower kind and is only used
/// where the recogniser does not keep hesitations itself.
struct HesitationDetector {
    /// What such a stretch is called in a report.
    static let text = "(um)"

    /// Filled pauses last 0.25 to 0.6 s; shorter sounds are more often unstressed words.
    private static let shortest = 0.22
    private static let longest = 1.2
    /// Recognisers place the borders of words to within a few frames.
    private static let wordTolerance = 0.04
    private static let largestSpreadSemitones = 1.2
    /// The hum of an "um" lies 12 dB below its vowel.
    private static let largestSpreadDB = 7.0
    /// Silence that must lie on one side at least: hesitations stand alone or lean on one word.
    private static let isolation = 0.1

    let acoustics: AcousticTrack
    /// In order of start, with true times.
    let words: [TimeSpan]
    let speech: [TimeSpan]

    /// Stretches in order of time.
    func hesitations() -> [TimeSpan] {
        uncovered().flatMap(voicedRuns).filter { run in
            (Self.shortest...Self.longest).contains(run.duration) && isIsolated(run) && isSteady(run)
        }
    }

    /// Speech without a word.
    private func uncovered() -> [TimeSpan] {
        var free: [TimeSpan] = []
        for span in speech {
            var start = span.start
            for word in words where word.end > span.start && word.start < span.end {
                let end = word.start + Self.wordTolerance
                if end - start >= Self.shortest {
                    free.append(TimeSpan(start: start, end: min(end, span.end)))
                }
                start = max(start, word.end - Self.wordTolerance)
            }
            if span.end - start >= Self.shortest { free.append(TimeSpan(start: start, end: span.end)) }
        }
        return free
    }

    /// Voice in a stretch; an unvoiced frame or two is a flaw of the tracker.
    private func voicedRuns(_ span: TimeSpan) -> [TimeSpan] {
        let rate = Double(AcousticTrack.framesPerSecond)
        let frames =
            Int(
                (span.start * rate).rounded())..<max(
                Int((span.start * rate).rounded()),
                min(Int((span.end * rate).rounded()), acoustics.pitch.hertz.count))
        var runs: [Range<Int>] = []
        for frame in frames where acoustics.pitch.hertz[frame] > 0 {
            if let last = runs.last, frame - last.upperBound <= 2 {
                runs[runs.count - 1] = last.lowerBound..<frame + 1
            } else {
                runs.append(frame..<frame + 1)
            }
        }
        return runs.map { TimeSpan(start: Double($0.lowerBound) / rate, end: Double($0.upperBound) / rate) }
    }

    private func isIsolated(_ run: TimeSpan) -> Bool {
        let before = speech.last { $0.start <= run.start + 0.05 }
        let after = speech.first { $0.end >= run.end - 0.05 }
        let opens = before.map { run.start - $0.start < 0.08 } ?? true
        let closes = after.map { $0.end - run.end < 0.08 } ?? true
        let lastWord = words.last { $0.end <= run.start + Self.wordTolerance }
        let nextWord = words.first { $0.start >= run.end - Self.wordTolerance }
        let gapBefore = lastWord.map { run.start - $0.end } ?? .infinity
        let gapAfter = nextWord.map { $0.start - run.end } ?? .infinity
        return (opens && gapBefore >= Self.isolation) || (closes && gapAfter >= Self.isolation)
    }

    private func isSteady(_ run: TimeSpan) -> Bool {
        let rate = Double(AcousticTrack.framesPerSecond)
        let range = Int(run.start * rate)..<Int(run.end * rate)
        let hertz = acoustics.pitch.hertz[range].filter { $0 > 0 }
        // The first and last frames hold the rise and fall of any sound.
        let level = acoustics.intensity.decibels[range].dropFirst(3).dropLast(3)
        guard let median = hertz.quantile(0.5),
            let pitchSpread = hertz.map({ 12 * log2($0 / median) }).standardDeviation,
            let levelSpread = level.standardDeviation
        else { return false }
        return pitchSpread <= Self.largestSpreadSemitones && levelSpread <= Self.largestSpreadDB
    }
}
