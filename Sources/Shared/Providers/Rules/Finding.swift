import CoachDomain

/// Something about a note that a speaker could work on.
struct Finding: Hashable {
    enum Kind: String, Hashable, CaseIterable {
        case fillers, tooFast, tooSlow, longPauses, breathless, flatPitch, hedges, repetitions, longSentences
        case fadingEnds, weakEnding

        var topic: CoachingTopic {
            switch self {
            case .fillers: .fillers
            case .tooFast, .tooSlow: .pace
            case .longPauses, .breathless: .pauses
            case .flatPitch: .pitch
            case .hedges: .hedging
            case .repetitions: .repetition
            case .longSentences: .sentences
            case .fadingEnds: .loudness
            case .weakEnding: .structure
            }
        }
    }

    /// The number or the words that a remark rests on, before they are written down in some language.
    enum Value: Hashable {
        case none
        /// Rounded to a whole number.
        case whole(Double)
        /// Rounded to one decimal place.
        case tenths(Double)
        /// What was said, each time that it was said.
        case words([String])
    }

    var kind: Kind
    /// 0 is unremarkable, 1 is hard to listen to; the largest becomes the focus.
    var severity: Double
    /// The words that show it, as a range of the transcript's tokens.
    var quote: Range<Int>
    var value: Value
    /// Key of the text that puts a unit behind the number.
    var unit: String?
}
