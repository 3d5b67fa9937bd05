import CoachDomain

/// Which recogniser is asked first.
package enum RecognizerRanking: Hashable, Sendable {
    /// The order of the list: an operator's decision.
    case asGiven
    /// By what the report needs: hesitations first, because nothing else can restore them, then the times of
    /// words, then confidence. Equals keep the order of the list; those in this process stay last.
    case byCapability

    package func ranked(_ recognizers: [any SpeechRecognizer]) -> [any SpeechRecognizer] {
        guard self == .byCapability else { return recognizers }
        return recognizers.enumerated().sorted { left, right in
            let scores = (Self.score(left.element.descriptor), Self.score(right.element.descriptor))
            return scores.0 == scores.1 ? left.offset < right.offset : scores.0 > scores.1
        }.map(\.element)
    }

    private static func score(_ descriptor: RecognizerDescriptor) -> Int {
        guard !descriptor.isLocal else { return -1 }
        let capabilities = descriptor.capabilities
        let fillers =
            switch capabilities.fillers {
            case .measured: 8
            case .lowerBound: 4
            case .notAvailable: 0
            }
        return fillers + (capabilities.wordTimes ? 2 : 0) + (capabilities.wordConfidence ? 1 : 0)
    }
}
