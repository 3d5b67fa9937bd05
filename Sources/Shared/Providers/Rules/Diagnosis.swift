import CoachDomain
import Foundation
import SpeechAnalysis

/// Compares a note with what listeners are used to.
///
/// The published bands conflict, so these are tolerance zones: nothing is said inside
/// them, and severity grows with the distance. What was not measured is not judged.
struct Diagnosis {
    private let material: CoachingMaterial
    private let metrics: SpeechMetrics
    private let tokens: [Token]
    private let lexicon: Lexicon?

    init(_ material: CoachingMaterial) {
        self.material = material
        metrics = material.metrics
        tokens = material.tokens
        lexicon = Lexicon.of(material.transcript.language)
    }

    /// Findings by severity, the gravest first; never empty as long as there are words.
    func findings() -> [Finding] {
        guard !tokens.isEmpty else { return [] }
        let found = [
            fillers(), pace(), longPauses(), breathless(), flatPitch(), hedges(), repetitions(),
            longSentences(),
            fadingEnds(), weakEnding(),
        ]
        return found.compactMap(\.self).sorted {
            ($0.severity, $1.kind.rawValue) > ($1.severity, $0.kind.rawValue)
        }
    }

    /// Laske 2024 finds 5 a minute harmless and 12 hurtful; 2–6 in 100 words are natural (Bortfeld 2001).
    private func fillers() -> Finding? {
        let hits = FillerFinder(lexicon: lexicon).findings(in: tokens)
        let heard = metrics.fillers.filter { hit in !hits.contains { $0.span == hit.span } }
        guard let count = metrics[.fillerCount], count >= 1,
            let quote = hits.first.map({ surrounding($0.tokens, words: 3) })
                ?? heard.first.flatMap({ around($0.span) })
        else { return nil }
        let perMinute = metrics[.fillersPerMinute].map { ($0 - 5) / 7 } ?? 0
        let perWords = metrics[.fillersPer100Words].map { ($0 - 4) / 8 } ?? 0
        let excess = max(perMinute, perWords)
        // One is an accident, however short the note.
        guard excess > 0 else { return nil }
        let severity = count < 2 ? 0.15 : min(0.3 + excess * 0.7, 1.5)
        return Finding(
            kind: .fillers, severity: severity, quote: quote,
            value: .words(hits.map(\.text) + heard.map(\.text)))
    }

    /// Microsoft 100–165, Read AI 130–175, TED talks 155–214: a broad zone of 105–180 words a minute. Words
    /// are not of one length in all languages, so elsewhere syllables count: 3–6.2 a second.
    private func pace() -> Finding? {
        let isEnglish = material.transcript.language == "en"
        guard let pace = isEnglish ? metrics[.wordsPerMinute] : metrics[.speechRate] else { return nil }
        let (low, high, step) = isEnglish ? (105.0, 180.0, 40.0) : (3.0, 6.2, 1.4)
        let unit = isEnglish ? "wordsPerMinute" : "syllablesPerSecond"
        let value = isEnglish ? Finding.Value.whole(pace) : .tenths(pace)
        guard let measure = metrics.measures[isEnglish ? .wordsPerMinute : .speechRate] else { return nil }
        let trust = max(measure.confidence ?? 1, 0.3)
        if pace > high {
            return Finding(
                kind: .tooFast, severity: (0.3 + (pace - high) / step) * trust, quote: densest(fastest: true),
                value: value, unit: unit)
        }
        if pace < low {
            return Finding(
                kind: .tooSlow, severity: (0.25 + (low - pace) / step) * trust,
                quote: densest(fastest: false),
                value: value, unit: unit)
        }
        return nil
    }

    /// Longer than a second is long (Campione and Véronis 2002); two seconds inside a thought lose listeners.
    private func longPauses() -> Finding? {
        let candidates = metrics.pauses.filter { $0.span.duration > 1.5 }
        guard let longest = candidates.max(by: { $0.span.duration < $1.span.duration }),
            let quote = around(longest.span)
        else { return nil }
        let severity =
            0.2 + (longest.span.duration - 1.5) / 4 + 0.1 * Double(candidates.count - 1)
        return Finding(
            kind: .longPauses, severity: min(severity, 1.2), quote: quote,
            value: .tenths(longest.span.duration))
    }

    private func breathless() -> Finding? {
        guard let rate = metrics[.pausesPerMinute], let seconds = metrics[.speakingSeconds], seconds >= 20,
            rate < 6, (metrics[.wordsPerMinute] ?? 0) > 140
        else { return nil }
        return Finding(
            kind: .breathless, severity: 0.3 + (6 - rate) / 10, quote: densest(fastest: true),
            value: .whole(metrics[.pauseCount] ?? 0))
    }

    /// No agreed cut-off exists, so only a spread far below what lively speech shows is named.
    private func flatPitch() -> Finding? {
        guard let measure = metrics.measures[.pitchSpreadSemitones], measure.value < 1.8 else { return nil }
        let trust = max(measure.confidence ?? 1, 0.3)
        return Finding(
            kind: .flatPitch, severity: (0.2 + (1.8 - measure.value) / 2) * trust, quote: centre(words: 6),
            value: .tenths(measure.value))
    }

    private func hedges() -> Finding? {
        guard let lexicon, let rate = metrics[.hedgesPer100Words], rate > 2.5 else { return nil }
        let ranges = tokens.ranges(of: lexicon.hedges)
        guard let first = ranges.first, ranges.count >= 2 else { return nil }
        return Finding(
            kind: .hedges, severity: min(0.2 + (rate - 2.5) / 6, 1), quote: surrounding(first, words: 3),
            value: .words(ranges.map { tokens[$0].map(\.normal).joined(separator: " ") }))
    }

    private func repetitions() -> Finding? {
        guard let lexicon, let count = metrics[.repeatedWords], let words = metrics[.wordCount], words > 0
        else {
            return nil
        }
        let fillers = Set(FillerFinder(lexicon: lexicon).findings(in: tokens).flatMap(\.tokens))
        let ranges = RepetitionFinder(lexicon: lexicon).repetitions(in: tokens, fillers: fillers)
        guard let first = ranges.first, count * 100 / words > 2 else { return nil }
        let doubled = first.lowerBound..<min(first.upperBound + first.count, tokens.count)
        return Finding(
            kind: .repetitions, severity: min(0.1 + 0.12 * count, 0.9), quote: surrounding(doubled, words: 2),
            value: .whole(count))
    }

    private func longSentences() -> Finding? {
        guard let length = metrics[.sentenceLengthWords], length > 24 else { return nil }
        let starts = [0] + tokens.indices.filter { tokens[$0].endsSentence }.map { $0 + 1 }
        let borders = starts.filter { $0 < tokens.count } + [tokens.count]
        let longest = zip(borders, borders.dropFirst()).max { $0.1 - $0.0 < $1.1 - $1.0 }
        guard let (start, end) = longest else { return nil }
        return Finding(
            kind: .longSentences, severity: min(0.2 + (length - 24) / 25, 0.9),
            quote: start..<min(start + 8, end), value: .whole(length))
    }

    private func fadingEnds() -> Finding? {
        guard let count = metrics[.fadeOutCount], count >= 2 else { return nil }
        return Finding(
            kind: .fadingEnds, severity: min(0.15 + 0.1 * count, 0.7), quote: last(words: 5),
            value: .whole(count))
    }

    /// Always true to some degree and always useful: what is said last is what is kept.
    private func weakEnding() -> Finding? {
        Finding(kind: .weakEnding, severity: 0.05, quote: last(words: 6), value: .none)
    }

    // MARK: Words to show

    private func surrounding(_ range: Range<Int>, words: Int) -> Range<Int> {
        max(0, range.lowerBound - words)..<min(tokens.count, range.upperBound + words)
    }

    private func last(words: Int) -> Range<Int> { max(0, tokens.count - words)..<tokens.count }

    private func centre(words: Int) -> Range<Int> {
        let start = max(0, (tokens.count - words) / 2)
        return start..<min(tokens.count, start + words)
    }

    /// Three words on either side of something that is no word.
    private func around(_ gap: TimeSpan) -> Range<Int>? {
        guard let next = tokens.firstIndex(where: { ($0.span?.start ?? -1) >= gap.start }), next > 0 else {
            return nil
        }
        return max(0, next - 3)..<min(tokens.count, next + 3)
    }

    /// The seven words in a row that took the least or the most time.
    private func densest(fastest: Bool) -> Range<Int> {
        let width = min(7, tokens.count)
        let windows = (0...(tokens.count - width)).compactMap { start -> (Range<Int>, Double)? in
            material.span(start..<start + width).map { (start..<start + width, $0.duration) }
        }
        let chosen = fastest ? windows.min { $0.1 < $1.1 } : windows.max { $0.1 < $1.1 }
        return chosen?.0 ?? centre(words: width)
    }
}
