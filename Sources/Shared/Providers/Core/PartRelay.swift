import CoachDomain

extension SpeechRecognizer {
    /// Runs `recognize` on every part and joins the results on the upload clock, in order.
    ///
    /// - Parameter recognize: Called for at most ``PartRelay/width`` parts at a time.
    func joined(
        _ audio: RecognizerAudio, context: CallContext,
        _ recognize:
            @escaping @Sendable (RecognizerAudio.Part) async throws(ProviderError) ->
            ProviderTranscript
    ) async throws(ProviderError) -> ProviderTranscript {
        try await PartRelay(parts: audio.parts, deadline: context.deadline, recognize: recognize).run()
    }
}

/// The parts of a long note on their way to one recogniser.
///
/// A part that fails for a passing reason is sent again when all others are in, alone, so that a limit of the
/// vendor's is not run into twice and nothing that was paid for is paid for again. When more than every third
/// part fails, the recogniser is given up: the chain has others.
struct PartRelay: Sendable {
    typealias Outcome = Result<ProviderTranscript, ProviderError>

    /// Parts under way at a time: below the least that a vendor allows in parallel, and enough to hide the
    /// round trips of an hour-long note.
    static let width = 4
    /// A longer wait is the chain's decision, which knows other recognisers.
    static let longestWait = Duration.seconds(10)

    let parts: [RecognizerAudio.Part]
    let deadline: ContinuousClock.Instant
    let recognize: @Sendable (RecognizerAudio.Part) async throws(ProviderError) -> ProviderTranscript

    func run() async throws(ProviderError) -> ProviderTranscript {
        if let only = parts.first, parts.count == 1 {
            return Self.join([try await recognize(only)], of: parts)
        }
        var outcomes = await firstRound()
        let failed = outcomes.indices.filter { outcomes[$0]?.error != nil || outcomes[$0] == nil }
        for index in failed {
            let error = outcomes[index]?.error ?? .cancelled
            guard error.isTransient, failed.count * 3 <= parts.count || failed.count == 1,
                await pause(error.advisedWait)
            else { throw error.after(outcomes) }
            let billed = error.mayBeBilled ? parts[index].span.duration : 0
            do throws(ProviderError) {
                var transcript = try await recognize(parts[index])
                // The failed attempt may be on the bill as well.
                transcript.usage = transcript.usage + ProviderUsage(audioSeconds: billed)
                outcomes[index] = .success(transcript)
            } catch {
                throw error.after(outcomes)
            }
        }
        return Self.join(outcomes.compactMap { try? $0?.get() }, of: parts)
    }

    /// Every part once; no new one is begun after an error that others would run into as well.
    private func firstRound() async -> [Outcome?] {
        await withTaskGroup(of: (Int, Outcome).self) { group in
            var outcomes = [Outcome?](repeating: nil, count: parts.count)
            var next = 0
            var isHopeless = false
            func begin() {
                let index = next
                let part = parts[index]
                next += 1
                group.addTask {
                    do throws(ProviderError) {
                        return (index, .success(try await recognize(part)))
                    } catch {
                        return (index, .failure(error))
                    }
                }
            }
            while next < min(Self.width, parts.count) { begin() }
            while let (index, outcome) = await group.next() {
                outcomes[index] = outcome
                if let error = outcome.error, !error.isTransient {
                    isHopeless = true
                    group.cancelAll()
                }
                if !isHopeless, next < parts.count { begin() }
            }
            return outcomes
        }
    }

    /// - Returns: Whether there is time left after the wait.
    private func pause(_ wait: Duration) async -> Bool {
        guard wait <= Self.longestWait, .now + wait < deadline else { return false }
        guard wait > .zero else { return true }
        do {
            try await Task.sleep(for: wait)
            return true
        } catch {
            return false
        }
    }

    /// Puts transcripts of parts together; words move to the clock of the whole upload.
    static func join(
        _ transcripts: [ProviderTranscript], of parts: [RecognizerAudio.Part]
    ) -> ProviderTranscript {
        var whole = ProviderTranscript(text: "", words: [], language: nil, usage: ProviderUsage())
        for (piece, part) in zip(transcripts, parts) {
            if !whole.text.isEmpty, !piece.text.isEmpty { whole.text += " " }
            whole.text += piece.text
            whole.words += piece.words.map { word in
                var moved = word
                moved.span = TimeSpan(
                    start: word.span.start + part.span.start, end: word.span.end + part.span.start)
                return moved
            }
            whole.language = whole.language ?? piece.language
            whole.usage = whole.usage + piece.usage
            whole.fillers = piece.fillers ?? whole.fillers
        }
        return whole
    }
}

extension Result {
    fileprivate var error: Failure? {
        if case .failure(let error) = self { error } else { nil }
    }
}

extension ProviderError {
    fileprivate var advisedWait: Duration {
        switch self {
        case .rateLimited(let wait), .overloaded(let wait): wait ?? .seconds(1)
        default: .zero
        }
    }

    /// The same failure, or one that says of itself that it may be billed when other parts have been heard.
    fileprivate func after(_ outcomes: [PartRelay.Outcome?]) -> ProviderError {
        guard !mayBeBilled, outcomes.contains(where: { $0?.error == nil && $0 != nil }) else { return self }
        switch self {
        case .rateLimited, .overloaded, .server, .network: return .network(mayHaveActed: true)
        case .timedOut: return .timedOut(mayHaveActed: true)
        default: return self
        }
    }
}
