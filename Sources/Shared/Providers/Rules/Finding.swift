/// Something about a note that a speaker could work on.
struct Finding: Hashable {
    enum Kind: String, Hashable, CaseIterable {
        case fillers, tooFast, tooSlow, longPauses, breathless, flatPitch, hedges, repetitions, longSentences
        case fadingEnds, weakEnding
    }

    var kind: Kind
    /// 0 is unremarkable, 1 is hard to listen to; the largest becomes the focus.
    var severity: Double
    /// The words that show it, as a range of the transcript's tokens.
    var quote: Range<Int>
    /// The number or the words that it rests on, as a person would write them.
    var value: String
    /// Key of the text that puts a unit behind the number.
    var unit: String?
}
