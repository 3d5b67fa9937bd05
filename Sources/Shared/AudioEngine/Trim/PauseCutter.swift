/// Turns speech flags into the stretches of the note that are kept.
///
/// Before speech 0.1 s stay and after it 0.15 s, so that a pause longer than 0.4 s becomes one of a quarter
/// second. More of it was tried and changed no word (docs/audio.md). Pure arithmetic over 10 ms frames.
struct PauseCutter: Equatable {
    /// Frames kept after speech.
    static let tail = 15
    /// Frames kept before speech.
    static let lead = 10
    /// The longest raw gap, in frames, that is left alone.
    static let longestKept = 40

    /// The longest silence before the first speech, in frames, that is left alone.
    static let longestLeadKept = lead + 10

    enum Cut: Equatable {
        /// Frames to keep; contiguous calls belong to one span.
        case keep(Range<Int>)
        /// The span that was being kept is over; what follows is cut.
        case close
    }

    /// First frame that is neither kept nor cut yet.
    private var cursor = 0
    private var frame = 0
    private var speechEnd: Int?
    private var isOpen = false

    /// Everything before this frame will not be asked for again.
    var needed: Int { isOpen ? cursor : max(cursor, frame - Self.longestLeadKept) }

    /// Takes the next flags and says what became certain.
    mutating func advance(_ flags: ArraySlice<Bool>) -> [Cut] {
        var cuts: [Cut] = []
        for flag in flags {
            if flag { speech(&cuts) } else { silence(&cuts) }
            frame += 1
        }
        return cuts
    }

    /// Ends the note; its length in frames may exceed what flags were given for by one partial frame.
    mutating func finish() -> [Cut] {
        var cuts: [Cut] = []
        if let speechEnd {
            keep(to: min(frame, speechEnd + Self.tail), &cuts)
            if isOpen { cuts.append(.close) }
        }
        return cuts
    }

    private mutating func speech(_ cuts: inout [Cut]) {
        if !isOpen {
            // A beginning hardly longer than the padding is left alone; later gaps are long by now.
            if speechEnd != nil || frame > Self.longestLeadKept { cursor = max(cursor, frame - Self.lead) }
            isOpen = true
        }
        speechEnd = frame + 1
        keep(to: frame + 1, &cuts)
    }

    private mutating func silence(_ cuts: inout [Cut]) {
        guard isOpen, let speechEnd else { return }
        let gap = frame + 1 - speechEnd
        if gap <= Self.tail { keep(to: frame + 1, &cuts) }
        if gap > Self.longestKept {
            cuts.append(.close)
            isOpen = false
        }
    }

    private mutating func keep(to end: Int, _ cuts: inout [Cut]) {
        guard end > cursor else { return }
        if case .keep(let range)? = cuts.last, range.upperBound == cursor {
            cuts[cuts.count - 1] = .keep(range.lowerBound..<end)
        } else {
            cuts.append(.keep(cursor..<end))
        }
        cursor = end
    }
}
