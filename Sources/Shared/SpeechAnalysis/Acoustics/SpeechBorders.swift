package import CoachDomain

/// Finds where speech really begins and ends.
///
/// The detector that decides what is sent to a recogniser errs on keeping: in noise it holds on to what
/// follows a word, and bridges short pauses. That saves words, but it is no measure of pauses. Here each of
/// its stretches is compared with the background right beside it, in the whole band and with high
/// frequencies raised; what is as quiet as that background, unvoiced, and no shorter than a stop consonant
/// is taken out. In a quiet room nothing changes.
package struct SpeechBorders: Sendable {
    /// Frames inside a stretch that are left in peace: the closure of a stop (Campione and Véronis 2002
    /// draw the line for pauses at 0.2 s).
    private static let shortestGap = 15
    /// A sound shorter than this in the middle of background is background, unless it is a clear burst.
    private static let shortestSound = 4
    private static let shortestBurst = 2
    private static let burst: Float = 10
    /// Frames beside speech that hold its onset or decay.
    private static let transition = 6
    /// Frames that a background needs to be known.
    private static let leastBackground = 10
    /// A band whose background comes this close to loud speech tells nothing.
    private static let leastContrast: Float = 8
    /// What lies deeper than this under the loud parts of a note is no speech of it, in the whole band and
    /// with high frequencies raised: speech is understood from 30 dB of dynamics (ANSI S3.5).
    private static let dynamics: [Float] = [38, 30]

    private let pitch: PitchTrack
    private let levels: [[Float]]

    package init(_ track: AcousticTrack) {
        pitch = track.pitch
        levels = [track.intensity, track.brightness].map(\.decibels)
    }

    /// The stretches with their borders moved inwards, and split at pauses that they bridged.
    ///
    /// - Parameter spans: In order, on the clock of the track.
    /// - Returns: In order, not overlapping; a stretch without any sound of its own is gone.
    package func refined(_ spans: [TimeSpan]) -> [TimeSpan] {
        let rate = Double(AcousticTrack.framesPerSecond)
        let count = pitch.hertz.count
        let ranges = spans.map { span in
            let low = min(max(0, Int((span.start * rate).rounded())), count)
            return low..<min(max(low, Int((span.end * rate).rounded())), count)
        }
        let gaps = Self.gaps(around: ranges, count: count).map(background)
        let loud = levels.map { level in ranges.flatMap { level[$0] }.quantile(0.95) }
        return zip(ranges.indices, zip(spans, ranges)).flatMap { index, pair -> [TimeSpan] in
            let (span, range) = pair
            guard !range.isEmpty,
                let limits = limits(range, loud: loud, before: gaps[index], after: gaps[index + 1])
            else {
                return [span]
            }
            return split(range, limits).map { part in
                // A border that did not move keeps its exact time.
                TimeSpan(
                    start: part.lowerBound == range.lowerBound ? span.start : Double(part.lowerBound) / rate,
                    end: part.upperBound == range.upperBound ? span.end : Double(part.upperBound) / rate)
            }
        }
    }

    /// One more than there are ranges: before, between and after them.
    private static func gaps(around ranges: [Range<Int>], count: Int) -> [Range<Int>] {
        let ends = [0] + ranges.map { $0.upperBound + transition }
        let starts = ranges.map { $0.lowerBound - transition } + [count]
        return zip(ends, starts).map { $0..<max($0, $1) }
    }

    /// Levels that the background rarely exceeds, one per band.
    private func background(_ gap: Range<Int>) -> [Float]? {
        guard gap.count >= Self.leastBackground else { return nil }
        return levels.map { level in
            let values = level[gap].sorted()
            let middle = values[values.count / 2]
            let high = values[values.count * 9 / 10]
            return middle + max(3, 2 * (high - middle) + 1)
        }
    }

    /// Levels above which a frame of a stretch is a sound: from the background, which may change from the gap
    /// before to the gap after, or from the dynamics of speech. `nil` where no band can tell speech from its
    /// background.
    ///
    /// - Parameter loud: What the loud parts of the note's speech reach.
    private func limits(
        _ range: Range<Int>, loud: [Float?], before: [Float]?, after: [Float]?
    ) -> Limits? {
        var isTold = false
        let bands = levels.indices.map { band -> (first: Float, last: Float) in
            guard let loud = loud[band] else { return (.infinity, .infinity) }
            let deepest = loud - Self.dynamics[band]
            let first = before?[band] ?? after?[band] ?? deepest
            let last = after?[band] ?? first
            guard max(first, last) <= loud - Self.leastContrast else { return (.infinity, .infinity) }
            isTold = true
            return (max(first, deepest), max(last, deepest))
        }
        return isTold ? Limits(range: range, bands: bands) : nil
    }

    private struct Limits {
        var range: Range<Int>
        /// At the two ends of the range; linear between.
        var bands: [(first: Float, last: Float)]

        func level(_ band: Int, at frame: Int) -> Float {
            let (first, last) = bands[band]
            guard first.isFinite, last.isFinite else { return .infinity }
            return first + (last - first) * Float(frame - range.lowerBound) / Float(range.count)
        }
    }

    private func split(_ range: Range<Int>, _ limits: Limits) -> [Range<Int>] {
        var sounds: [Range<Int>] = []
        for frame in range where isSound(frame, limits) {
            if let last = sounds.last, last.upperBound == frame {
                sounds[sounds.count - 1] = last.lowerBound..<frame + 1
            } else {
                sounds.append(frame..<frame + 1)
            }
        }
        var parts: [Range<Int>] = []
        for sound in sounds where isKept(sound, limits) {
            if let last = parts.last, sound.lowerBound - last.upperBound < Self.shortestGap {
                parts[parts.count - 1] = last.lowerBound..<sound.upperBound
            } else {
                parts.append(sound)
            }
        }
        return parts
    }

    private func isKept(_ sound: Range<Int>, _ limits: Limits) -> Bool {
        if sound.count >= Self.shortestSound { return true }
        return sound.count >= Self.shortestBurst
            && levels.indices.contains { band in
                sound.contains { levels[band][$0] > limits.level(band, at: $0) + Self.burst }
            }
    }

    private func isSound(_ frame: Int, _ limits: Limits) -> Bool {
        pitch.hertz[frame] > 0 || levels.indices.contains { levels[$0][frame] > limits.level($0, at: frame) }
    }
}
