import CoachDomain

extension SpeechMetrics {
    /// Less speech than this has no pace.
    private static let shortestTurn = 3.0

    mutating func addRates(_ input: MeasurementInput) {
        guard let turn = input.turn, turn.duration >= Self.shortestTurn else { return }
        let speaking = input.speakingSeconds
        let sureness = min(turn.duration / 20, max(input.soundTrust, 0.5))
        if let words = self[.wordCount], words >= 5 {
            set(
                .wordsPerMinute, words * 60 / turn.duration, unit: "words/min",
                definition: "words-per-turn-minute/1",
                confidence: sureness)
        }
        let nuclei = input.acoustics.map { SyllableNuclei.peaks(in: $0, spans: input.speechSpans).count }
        if let nuclei, nuclei > 0, speaking >= 1, input.arePausesKnown {
            set(
                .syllablesPerSecond, Double(nuclei) / speaking, unit: "syllables/s",
                definition: "nuclei-per-phonation-second/1", confidence: min(sureness, 0.8))
        }
        // Spelling is the better counter; the sound is what remains without words.
        let written = Self.writtenSyllables(input.transcript)
        guard let syllables = written ?? nuclei, syllables > 0, speaking >= 1 else { return }
        let method = written == nil ? "nuclei" : "spelling"
        let trust = written == nil ? 0.7 : 0.9
        set(
            .speechRate, Double(syllables) / turn.duration, unit: "syllables/s",
            definition: "speech-rate-\(method)/1",
            confidence: min(sureness, trust))
        guard input.arePausesKnown else { return }
        set(
            .articulationRate, Double(syllables) / speaking, unit: "syllables/s",
            definition: "articulation-rate-\(method)/1", confidence: min(sureness, trust))
    }

    /// Hesitations included: they take time to say like any other syllable.
    private static func writtenSyllables(_ transcript: Transcript?) -> Int? {
        guard let transcript, let estimator = SyllableEstimator(language: transcript.language) else {
            return nil
        }
        let tokens = Token.tokens(of: transcript)
        guard tokens.count >= 5 else { return nil }
        return tokens.reduce(0) { $0 + estimator.count($1.normal) }
    }
}
