/// The map from the clock of the uploaded audio back to the clock of the original note.
///
/// Each segment is one kept stretch of the original and where it lies in the upload. Inside a
/// segment time is linear (Sonic's own error is about ±15 ms up to 2×); between segments lie cuts.
/// At a join the same upload instant belongs to two original instants, so a look-up says which side
/// it means: a word's *start* resolves to the later segment, its *end* to the earlier one. A word is
/// thus never stretched over a cut.
package struct Timeline: Hashable, Sendable, Codable {
    /// One kept stretch; both spans in seconds.
    package struct Segment: Hashable, Sendable, Codable {
        package var original: TimeSpan
        package var upload: TimeSpan

        package init(original: TimeSpan, upload: TimeSpan) {
            self.original = original
            self.upload = upload
        }

        fileprivate func originalInstant(ofUpload instant: Double) -> Double {
            guard upload.duration > 0 else { return original.start }
            let share = (instant - upload.start) / upload.duration
            return original.start + min(max(share, 0), 1) * original.duration
        }
    }

    /// The format of this map; stored with it so that an old row can be read for ever.
    package static let currentVersion = 1

    package var version: Int
    /// In order of time, not overlapping, contiguous on the upload clock.
    package var segments: [Segment]

    package init(version: Int = Timeline.currentVersion, segments: [Segment]) {
        self.version = version
        self.segments = segments
    }

    /// A map that changes nothing, for audio that is uploaded as it is.
    package static func identity(seconds: Double) -> Timeline {
        let whole = TimeSpan(start: 0, end: seconds)
        return Timeline(segments: [Segment(original: whole, upload: whole)])
    }

    /// The original instant of a word *start*; at a join, the beginning of the later segment.
    package func originalStart(ofUpload instant: Double) -> Double {
        guard let last = segments.last else { return instant }
        let index = partitionPoint { $0.upload.end > instant }
        return (index < segments.count ? segments[index] : last).originalInstant(ofUpload: instant)
    }

    /// The original instant of a word *end*; at a join, the end of the earlier segment.
    package func originalEnd(ofUpload instant: Double) -> Double {
        guard let last = segments.last else { return instant }
        let index = partitionPoint { $0.upload.end >= instant }
        return (index < segments.count ? segments[index] : last).originalInstant(ofUpload: instant)
    }

    /// A span of the upload on the original clock.
    ///
    /// When the span crosses a cut, the side that holds more of it wins and the other end is clamped to
    /// that segment, because a recogniser that smears a word over a join has heard it on one side only.
    package func original(ofUpload span: TimeSpan) -> TimeSpan {
        guard !segments.isEmpty else { return span }
        let start = originalStart(ofUpload: span.start)
        let end = originalEnd(ofUpload: span.end)
        let first = partitionPoint { $0.upload.end > span.start }
        let final = partitionPoint { $0.upload.end >= span.end }
        guard first < segments.count, first != final else { return TimeSpan(start: start, end: end) }
        let touched = segments[first...min(final, segments.count - 1)]
        guard let home = touched.max(by: { $0.upload.overlap(with: span) < $1.upload.overlap(with: span) })
        else { return TimeSpan(start: start, end: end) }
        return TimeSpan(
            start: home.originalInstant(ofUpload: span.start), end: home.originalInstant(ofUpload: span.end))
    }

    /// Words with upload times, moved to the original clock; order is kept.
    package func original(of words: [Word]) -> [Word] {
        words.map { word in
            var moved = word
            moved.span = original(ofUpload: word.span)
            return moved
        }
    }

    private func partitionPoint(_ belongs: (Segment) -> Bool) -> Int {
        var low = 0
        var high = segments.count
        while low < high {
            let middle = (low + high) / 2
            if belongs(segments[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
