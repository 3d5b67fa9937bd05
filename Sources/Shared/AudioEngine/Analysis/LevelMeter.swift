import Glibc

/// Cuts the sample stream into 10 ms frames and measures each: band levels for the detector, the level
/// track, loudness, clipping, and how periodic the signal is.
struct LevelMeter {
    /// Samples per frame.
    static let frame = 160

    private(set) var frames = FrameLevels()
    private(set) var clipped = 0
    /// Largest absolute sample.
    private(set) var peak = 0
    private(set) var samples = 0
    private(set) var loudness = LoudnessGate()
    private(set) var periodicity = PeriodicityMeter()
    private var filter = BandFilter()
    private var partial = SIMD4<Float>()
    private var partialCount = 0

    mutating func consume(_ chunk: Span<Int16>) {
        var offset = 0
        while offset < chunk.count {
            let take = min(Self.frame - partialCount, chunk.count - offset)
            let piece = chunk.extracting(offset..<(offset + take))
            partial += filter.energies(of: piece)
            let extremes = Self.extremes(of: piece)
            clipped += extremes.clipped
            peak = max(peak, extremes.peak)
            partialCount += take
            offset += take
            if partialCount == Self.frame { closeFrame() }
        }
        samples += chunk.count
        periodicity.consume(chunk)
    }

    /// Measures the rest of the note, if it is at least half a frame long.
    mutating func finish() {
        if partialCount >= Self.frame / 2 { closeFrame() }
        partialCount = 0
    }

    var clippedRatio: Double { samples > 0 ? Double(clipped) / Double(samples) : 0 }

    private mutating func closeFrame() {
        let mean = partial / Float(partialCount)
        frames.append(low: Self.decibels(mean[0]), high: Self.decibels(mean[1]), full: Self.decibels(mean[2]))
        loudness.append(meanSquare: mean[3])
        partial = SIMD4()
        partialCount = 0
    }

    private static func decibels(_ meanSquare: Float) -> Float {
        meanSquare > 0 ? max(10 * log10(meanSquare), LevelTrack.silenceDB) : LevelTrack.silenceDB
    }

    /// Decoders saturate at full scale; a few units below it still count as clipped after their rounding.
    private static func extremes(of samples: Span<Int16>) -> (clipped: Int, peak: Int) {
        var count: Int32 = 0
        var least: Int16 = 0
        var most: Int16 = 0
        for index in samples.indices {
            let sample = samples[index]
            count &+= sample >= 32_700 || sample <= -32_700 ? 1 : 0
            least = min(least, sample)
            most = max(most, sample)
        }
        return (Int(count), max(-Int(least), Int(most)))
    }
}

/// Three levels per 10 ms frame, a byte each.
struct FrameLevels {
    private(set) var low: [UInt8] = []
    private(set) var high: [UInt8] = []
    private(set) var full = LevelTrack()

    var count: Int { low.count }

    mutating func append(low: Float, high: Float, full: Float) {
        self.low.append(LevelTrack.code(decibels: low))
        self.high.append(LevelTrack.code(decibels: high))
        self.full.append(code: LevelTrack.code(decibels: full))
    }
}
