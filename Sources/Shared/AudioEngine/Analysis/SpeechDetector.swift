import Glibc

/// Finds speech in a note by the energy of two bands against a floor that follows the noise.
///
/// Low band (150–1000 Hz) for vowels and nasals, high band (over 2 kHz) for fricatives. The floor of a
/// band is the minimum of its smoothed level from 4 s before a frame to 2 s after it; speech must rise
/// above it by a margin to begin and fall under a lower one to end. Where speech does not stand out
/// from the noise at all, everything counts as speech: a pause left in costs money, a word cut out
/// costs the answer.
///
/// Decisions lag behind the levels by two seconds. The first minute is judged at once, by what
/// the whole of it is like.
struct SpeechDetector {
    /// What the note is like as a whole, from all frames seen so far.
    struct Scene: Equatable {
        /// Level that loud speech reaches per band, dBFS.
        var speechLow: Float
        var speechHigh: Float
        /// Level of the background per band, dBFS.
        var noiseLow: Float
        var noiseHigh: Float
        /// Whether speech stands out enough to be told from the background.
        var isSeparable: Bool
    }

    /// 10 ms frames judged at once at the beginning.
    static let firstFrames = 6_000
    /// Frames of lookahead afterwards.
    static let lookahead = 200

    private static let block = 10
    private static let blocksBack = 40
    private static let blocksAhead = 20
    private static let onMarginLow: Float = 9
    private static let onMarginHigh: Float = 10
    private static let hysteresis: Float = 4
    /// Speech is never looked for deeper under its own loud parts than this.
    private static let deepest: Float = 42
    /// Nor does a local floor make background of what comes this close to them.
    private static let shallowest: Float = 14
    private static let separable: Float = 12
    private static let onFrames = 3
    private static let offFrames = 8

    private(set) var scene: Scene?
    /// One flag per frame decided so far.
    private(set) var flags: [Bool] = []
    private var minimaLow: [Float] = []
    private var minimaHigh: [Float] = []
    private var histogramLow = LevelHistogram()
    private var histogramHigh = LevelHistogram()
    private var measured = 0
    private var isSpeech = false
    private var run = 0

    /// Takes in new levels and decides every frame whose surroundings are known.
    mutating func advance(over levels: FrameLevels, isFinal: Bool) {
        measure(levels, isFinal: isFinal)
        guard isFinal || flags.count + Self.lookahead < levels.count,
            isFinal || levels.count >= Self.firstFrames
        else { return }
        let scene = Scene(low: histogramLow, high: histogramHigh, separable: Self.separable)
        self.scene = scene
        let end = isFinal ? levels.count : levels.count - Self.lookahead
        for frame in flags.count..<max(end, flags.count) { decide(frame, levels, scene) }
    }

    /// Raw speech spans in frames, with gaps of stop consonants closed.
    func spans(bridging gap: Int = 15) -> [Range<Int>] {
        var spans: [Range<Int>] = []
        var start: Int?
        for frame in 0...flags.count {
            let flag = frame < flags.count && flags[frame]
            if flag, start == nil { start = frame }
            guard !flag, let begun = start else { continue }
            start = nil
            if let last = spans.last, begun - last.upperBound < gap {
                spans[spans.count - 1] = last.lowerBound..<frame
            } else {
                spans.append(begun..<frame)
            }
        }
        return spans
    }

    private mutating func measure(_ levels: FrameLevels, isFinal: Bool) {
        while measured < levels.count {
            let low = Self.smooth(levels.low, at: measured)
            let high = Self.smooth(levels.high, at: measured)
            if measured % Self.block == 0 {
                minimaLow.append(low)
                minimaHigh.append(high)
            } else {
                minimaLow[minimaLow.count - 1] = min(minimaLow[minimaLow.count - 1], low)
                minimaHigh[minimaHigh.count - 1] = min(minimaHigh[minimaHigh.count - 1], high)
            }
            histogramLow.add(low)
            histogramHigh.add(high)
            measured += 1
        }
    }

    /// Mean of the five codes up to a frame: short enough for a stop gap, long enough to steady noise.
    private static func smooth(_ codes: [UInt8], at frame: Int) -> Float {
        let first = max(0, frame - 4)
        var sum = 0
        for index in first...frame { sum += Int(codes[index]) }
        return Float(sum) / Float(frame - first + 1) / 2 + LevelTrack.silenceDB
    }

    private mutating func decide(_ frame: Int, _ levels: FrameLevels, _ scene: Scene) {
        guard scene.isSeparable else {
            flags.append(true)
            return
        }
        let low = LevelTrack.decibels(code: levels.low[frame])
        let high = LevelTrack.decibels(code: levels.high[frame])
        let onLow = threshold(
            minimaLow, frame, margin: Self.onMarginLow, speech: scene.speechLow, noise: scene.noiseLow)
        let onHigh = threshold(
            minimaHigh, frame, margin: Self.onMarginHigh, speech: scene.speechHigh, noise: scene.noiseHigh)
        let wanted: Bool
        if isSpeech {
            wanted = low > onLow - Self.hysteresis || high > onHigh - Self.hysteresis
        } else {
            wanted = low > onLow || high > onHigh
        }
        run = wanted == isSpeech ? 0 : run + 1
        flags.append(isSpeech)
        if !isSpeech, run >= Self.onFrames {
            // The frames that started the run were speech already.
            for index in (flags.count - run)..<flags.count { flags[index] = true }
            isSpeech = true
            run = 0
        } else if isSpeech, run >= Self.offFrames {
            for index in (flags.count - run)..<flags.count { flags[index] = false }
            isSpeech = false
            run = 0
        }
    }

    /// The level over which a band counts as speech at a frame.
    ///
    /// The local floor rises over a long vowel as it does over noise, so it may not come close to loud
    /// speech; but that limit in turn may not sink into the background of the whole note.
    private func threshold(
        _ minima: [Float], _ frame: Int, margin: Float, speech: Float, noise: Float
    ) -> Float {
        let center = frame / Self.block
        let first = max(0, center - Self.blocksBack)
        let last = min(minima.count - 1, center + Self.blocksAhead)
        var floor = minima[first]
        for index in first...last { floor = min(floor, minima[index]) }
        return min(
            max(floor + margin, speech - Self.deepest), max(speech - Self.shallowest, noise + margin))
    }
}

extension SpeechDetector.Scene {
    fileprivate init(low: LevelHistogram, high: LevelHistogram, separable: Float) {
        noiseLow = low.level(below: 0.05)
        noiseHigh = high.level(below: 0.05)
        // Loud speech: the ninth decile of what rises above the background, so that long silences
        // do not pull it down.
        speechLow = low.level(below: 0.9, above: noiseLow + 6)
        speechHigh = high.level(below: 0.9, above: noiseHigh + 6)
        isSeparable = speechLow - noiseLow >= separable || speechHigh - noiseHigh >= separable + 4
    }
}

/// How often each decibel occurred.
struct LevelHistogram {
    private var counts = [Int](repeating: 0, count: 128)
    private(set) var total = 0

    mutating func add(_ decibels: Float) {
        counts[min(max(Int(decibels - LevelTrack.silenceDB), 0), counts.count - 1)] += 1
        total += 1
    }

    /// The level under which a share of the frames lies, counting only frames over `minimum`;
    /// `minimum` itself when there are none.
    func level(below share: Double, above minimum: Float = LevelTrack.silenceDB) -> Float {
        let first = min(max(Int(minimum - LevelTrack.silenceDB), 0), counts.count - 1)
        let considered = counts[first...]
        let all = considered.reduce(0, +)
        guard all > 0 else { return minimum }
        let wanted = max(1, Int((Double(all) * share).rounded()))
        var seen = 0
        for (bin, count) in zip(considered.indices, considered) {
            seen += count
            if seen >= wanted { return Float(bin) + LevelTrack.silenceDB + 0.5 }
        }
        return minimum
    }
}
