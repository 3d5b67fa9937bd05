import CoachDomain
import Glibc

/// What the detector's decisions say about a note, or about its first minute.
struct SceneReport {
    let speechSpans: [Range<Int>]
    let speechFrames: Int
    let snrDB: Double?
    let syllablesPerSecond: Double?
    let containsSpeech: Bool

    /// A voice this quiet is the microphone's own noise.
    private static let quietestVoice: Float = -62
    private static let voiced: Float = 0.6
    private static let clearlyVoiced: Float = 0.75

    init(_ detector: SpeechDetector, levels: FrameLevels, periodicity: [Float]) {
        let spans = detector.spans()
        speechSpans = spans
        speechFrames = spans.reduce(0) { $0 + $1.count }
        guard let scene = detector.scene else {
            snrDB = nil
            syllablesPerSecond = nil
            containsSpeech = false
            return
        }
        snrDB = scene.isSeparable ? Self.snr(spans, levels.full, count: detector.flags.count) : nil
        containsSpeech = Self.hasVoice(spans, scene, levels, periodicity)
        syllablesPerSecond =
            scene.isSeparable && speechFrames >= 200
            ? Double(SyllableCount.nuclei(in: spans, low: levels.low)) / (Double(speechFrames) / 100) : nil
    }

    /// Mean power in speech against mean power outside it.
    private static func snr(_ spans: [Range<Int>], _ levels: LevelTrack, count: Int) -> Double? {
        var speech = 0.0
        var noise = 0.0
        var speechCount = 0
        var next = 0
        for frame in 0..<min(count, levels.count) {
            while next < spans.count, spans[next].upperBound <= frame { next += 1 }
            let power = pow(10, Double(levels[frame]) / 10)
            if next < spans.count, spans[next].contains(frame) {
                speech += power
                speechCount += 1
            } else {
                noise += power
            }
        }
        let noiseCount = count - speechCount
        guard speechCount > 0, noiseCount > 0, noise > 0 else { return nil }
        let background = noise / Double(noiseCount)
        let signal = speech / Double(speechCount) - background
        return signal > 0 ? min(10 * log10(signal / background), 90) : nil
    }

    /// Whether anything periodic at a voice's pitch comes and goes. Wind, hiss, knocks and hum do not.
    private static func hasVoice(
        _ spans: [Range<Int>], _ scene: SpeechDetector.Scene, _ levels: FrameLevels, _ periodicity: [Float]
    ) -> Bool {
        guard scene.speechLow > quietestVoice else { return false }
        let blocks =
            scene.isSeparable ? Self.blocks(in: spans, count: periodicity.count) : Array(periodicity.indices)
        let voicedCount = blocks.count { periodicity[$0] >= voiced }
        if scene.isSeparable {
            return voicedCount >= 2 || blocks.contains { periodicity[$0] >= clearlyVoiced }
        }
        var histogram = LevelHistogram()
        for code in levels.low { histogram.add(LevelTrack.decibels(code: code)) }
        return voicedCount >= 3 && histogram.level(below: 0.95) - histogram.level(below: 0.05) >= 6
    }

    /// The 100 ms blocks that touch speech.
    private static func blocks(in spans: [Range<Int>], count: Int) -> [Int] {
        var blocks: [Int] = []
        for span in spans {
            for block in (span.lowerBound / 10)...(span.upperBound / 10)
            where block < count && blocks.last != block {
                blocks.append(block)
            }
        }
        return blocks
    }
}

/// Counts syllable nuclei: peaks of the low band with dips of at least 2 dB between them, after
/// de Jong & Wempe (2009), without their voicing test.
enum SyllableCount {
    private static let dip: Float = 2
    private static let deepestPeak: Float = 25

    static func nuclei(in spans: [Range<Int>], low: [UInt8]) -> Int {
        var histogram = LevelHistogram()
        for span in spans { for frame in span { histogram.add(LevelTrack.decibels(code: low[frame])) } }
        let quietest = histogram.level(below: 0.95) - deepestPeak
        var count = 0
        for span in spans {
            var peak: Float = -.infinity
            var valley: Float = .infinity
            var isRising = true
            for frame in span {
                let level = smooth(low, at: frame)
                if isRising {
                    peak = max(peak, level)
                    if level < peak - dip {
                        if peak > quietest { count += 1 }
                        isRising = false
                        valley = level
                    }
                } else {
                    valley = min(valley, level)
                    if level > valley + dip {
                        isRising = true
                        peak = level
                    }
                }
            }
            if isRising, peak > quietest, span.count > 5 { count += 1 }
        }
        return count
    }

    private static func smooth(_ codes: [UInt8], at frame: Int) -> Float {
        let first = max(0, frame - 3)
        let last = min(codes.count - 1, frame + 3)
        var sum = 0
        for index in first...last { sum += Int(codes[index]) }
        return Float(sum) / Float(last - first + 1) / 2 + LevelTrack.silenceDB
    }
}
