import Synchronization

/// One question to the coaches and what has been wrong with their answers so far.
final class CoachingConversation: Sendable {
    let request: StructuredRequest
    let validator: FeedbackValidator
    private let rejected = Mutex<[(index: Int, flaw: FeedbackValidator.Flaw, text: String)]>([])

    init(_ request: StructuredRequest, _ validator: FeedbackValidator) {
        self.request = request
        self.validator = validator
    }

    /// Why answers were refused, in order.
    var flaws: [FeedbackValidator.Flaw] { rejected.withLock { $0.map(\.flaw) } }

    func note(_ flaw: FeedbackValidator.Flaw, _ text: String, of attempt: FailoverPolicy.Attempt) {
        rejected.withLock { $0.append((attempt.index, flaw, text)) }
    }

    /// The question as this attempt has to ask it.
    func request(for attempt: FailoverPolicy.Attempt) -> StructuredRequest {
        var request = request
        switch attempt.purpose {
        case .enlarged: request.maximumOutputTokens += request.maximumOutputTokens / 2
        case .repair:
            guard let last = rejected.withLock({ $0.last { $0.index == attempt.index } }) else { break }
            // The answer itself is left out: it may repeat what a speaker planted in it.
            request.instructions +=
                "\n\nA first answer to this was refused: \(last.flaw.advice) Answer again, the whole document."
        case .first, .retry, .hedge, .probe: break
        }
        return request
    }
}

extension FeedbackValidator.Flaw {
    /// What a model is told about it; never a word of its answer or of the transcript.
    fileprivate var advice: String {
        switch self {
        case .notJSON: "it was not one JSON document."
        case .missingField(let name): "the field \"\(name)\" was missing or empty."
        case .tooLong(let name): "the field \"\(name)\" was far too long."
        case .inventedQuotes: "no quote was copied exactly from the transcript."
        case .wrongLanguage: "it was in another language than asked for."
        case .offTopic: "it did not coach the speaker about this note."
        }
    }
}
