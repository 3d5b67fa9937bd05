import CoachDomain

extension SpeechMetrics {
    mutating func addText(_ input: MeasurementInput) {
        guard let transcript = input.transcript else { return }
        let tokens = Token.tokens(of: transcript)
        guard !tokens.isEmpty else { return }
        let lexicon = Lexicon.of(transcript.language)
        let findings = FillerFinder(lexicon: lexicon).findings(in: tokens)
        let fillerPlaces = Set(findings.flatMap(\.tokens))
        let hesitations = Set(
            tokens.indices.filter {
                tokens[$0].isMarked || lexicon?.hesitations.contains(tokens[$0].normal) == true
            })
        let words = tokens.indices.filter { !hesitations.contains($0) }.map { tokens[$0] }

        let trust = input.wordTrust
        set(
            .wordCount, Double(words.count), unit: "words", definition: "words-without-hesitations/1",
            confidence: trust)
        addFillers(findings, transcript: transcript, lexicon: lexicon, words: words.count, input: input)
        set(
            .vocabularyDiversity, Vocabulary.movingAverageTypeTokenRatio(words.map(\.normal)), unit: "ratio",
            definition: "mattr-50/1", confidence: min(Double(words.count) / 150, trust))
        addSentences(words)
        addClausePauses(
            tokens, hesitations: hesitations, lexicon: lexicon, trust: min(trust, input.soundTrust))
        guard let lexicon, !words.isEmpty else { return }
        let repetitions = RepetitionFinder(lexicon: lexicon).repetitions(in: tokens, fillers: fillerPlaces)
        set(
            .repeatedWords, Double(repetitions.count), unit: "count", definition: "immediate-repetition/1",
            confidence: trust)
        guard words.count >= 10 else { return }
        let share = { (count: Int) in Double(count) * 100 / Double(words.count) }
        let sureness = min(Double(words.count) / 100, trust)
        let name = "\(lexicon.language)-\(lexicon.version)"
        set(
            .repeatedPer100Words, share(repetitions.count), unit: "1/100 words",
            definition: "repetition-share/1", confidence: sureness)
        set(
            .hedgesPer100Words, share(words.ranges(of: lexicon.hedges).count), unit: "1/100 words",
            definition: "hedges-\(name)/1", confidence: sureness)
        set(
            .weakWordsPer100Words,
            share(WeakWordFinder(lexicon: lexicon).findings(in: tokens, fillers: fillerPlaces).count),
            unit: "1/100 words", definition: "weak-words-\(name)/1", confidence: sureness)
    }

    /// A recogniser that drops hesitations never makes their number zero: without evidence the measures are
    /// absent, with weak evidence they are lower bounds. What it drops is looked for in the sound.
    private mutating func addFillers(
        _ findings: [FillerFinder.Finding], transcript: Transcript, lexicon: Lexicon?, words: Int,
        input: MeasurementInput
    ) {
        var evidence = transcript.capabilities.fillers
        if lexicon == nil, evidence == .measured { evidence = .lowerBound }
        let written = findings.compactMap { finding in
            finding.span.map { FillerHit(text: finding.text, span: $0, source: .words) }
        }
        let heard = evidence == .measured ? [] : Self.heardFillers(input)
        let total = findings.count + heard.count
        if evidence == .notAvailable, total > 0 { evidence = .lowerBound }
        fillerEvidence = evidence
        fillers = (written + heard).sorted { $0.span.start < $1.span.start }
        guard evidence != .notAvailable else { return }
        let count = Double(total)
        let name = lexicon.map { "\($0.language)-\($0.version)" } ?? "marked"
        let method = evidence == .measured ? name : "\(name)-and-sound"
        // The sound is a weaker witness than a word.
        let trust = heard.isEmpty ? input.wordTrust : min(input.wordTrust, 0.6, input.soundTrust)
        set(
            .fillerCount, count, unit: "count", definition: "fillers-\(method)/1", evidence: evidence,
            confidence: trust)
        if let turn = input.turn, turn.duration >= 5 {
            set(
                .fillersPerMinute, count * 60 / turn.duration, unit: "1/min",
                definition: "filler-rate-\(method)/1",
                evidence: evidence, confidence: min(turn.duration / 30, trust))
        }
        if words >= 10 {
            set(
                .fillersPer100Words, count * 100 / Double(words), unit: "1/100 words",
                definition: "filler-share-\(method)/1", evidence: evidence,
                confidence: min(Double(words) / 100, trust))
        }
    }

    /// Hesitations that are in the sound but not among the words; none where words have no times to compare.
    private static func heardFillers(_ input: MeasurementInput) -> [FillerHit] {
        guard let acoustics = input.acoustics, let words = input.transcript?.words, !words.isEmpty else {
            return []
        }
        let detector = HesitationDetector(
            acoustics: acoustics, words: words.map(\.span), speech: input.speechSpans)
        return detector.hesitations().map {
            FillerHit(text: HesitationDetector.text, span: $0, source: .sound)
        }
    }

    private mutating func addSentences(_ words: [Token]) {
        let ends = words.count { $0.endsSentence }
        // One mark at the very end may be all that a recogniser without punctuation adds.
        guard ends >= 2 || (ends == 1 && words.count <= 40) else { return }
        let open = words.last?.endsSentence == true ? 0 : 1
        set(
            .sentenceLengthWords, Double(words.count) / Double(ends + open), unit: "words",
            definition: "mean-sentence/1", confidence: Double(ends) / 5)
    }
}
