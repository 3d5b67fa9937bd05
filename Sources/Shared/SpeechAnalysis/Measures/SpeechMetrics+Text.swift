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

        set(.wordCount, Double(words.count), unit: "words", definition: "words-without-hesitations/1")
        addFillers(findings, transcript: transcript, lexicon: lexicon, words: words.count, input: input)
        set(
            .vocabularyDiversity, Vocabulary.movingAverageTypeTokenRatio(words.map(\.normal)), unit: "ratio",
            definition: "mattr-50/1", confidence: Double(words.count) / 150)
        addSentences(words)
        addClausePauses(tokens)
        guard let lexicon, !words.isEmpty else { return }
        let repetitions = RepetitionFinder(lexicon: lexicon).repetitions(in: tokens, fillers: fillerPlaces)
        set(.repeatedWords, Double(repetitions.count), unit: "count", definition: "immediate-repetition/1")
        if words.count >= 10 {
            let hedges = words.ranges(of: lexicon.hedges).count
            set(
                .hedgesPer100Words, Double(hedges) * 100 / Double(words.count), unit: "1/100 words",
                definition: "hedges-\(lexicon.language)-\(lexicon.version)/1",
                confidence: Double(words.count) / 100)
        }
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
            finding.span.map { FillerHit(text: finding.text, span: $0) }
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
        set(.fillerCount, count, unit: "count", definition: "fillers-\(method)/1", evidence: evidence)
        if let turn = input.turn, turn.duration >= 5 {
            set(
                .fillersPerMinute, count * 60 / turn.duration, unit: "1/min",
                definition: "filler-rate-\(method)/1",
                evidence: evidence, confidence: turn.duration / 30)
        }
        if words >= 10 {
            set(
                .fillersPer100Words, count * 100 / Double(words), unit: "1/100 words",
                definition: "filler-share-\(method)/1", evidence: evidence, confidence: Double(words) / 100)
        }
    }

    /// Hesitations that are in the sound but not among the words; none where words have no times to compare.
    private static func heardFillers(_ input: MeasurementInput) -> [FillerHit] {
        guard let acoustics = input.acoustics, let words = input.transcript?.words, !words.isEmpty else {
            return []
        }
        let detector = HesitationDetector(
            acoustics: acoustics, words: words.map(\.span), speech: input.speechSpans)
        return detector.hesitations().map { FillerHit(text: HesitationDetector.text, span: $0) }
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

    /// Pauses that interrupt a clause; known only where the text has punctuation and the words have times.
    private mutating func addClausePauses(_ tokens: [Token]) {
        guard tokens.contains(where: \.endsClause), tokens.allSatisfy({ $0.span != nil }) else { return }
        let inside = pauses.count { pause in
            guard let last = tokens.last(where: { ($0.span?.start ?? .infinity) < pause.span.start }),
                last != tokens.last
            else { return false }
            return !last.endsClause
        }
        set(
            .pausesWithinClause, Double(inside), unit: "count", definition: "pause-0.3s-inside-clause/1",
            confidence: 0.7)
    }
}
