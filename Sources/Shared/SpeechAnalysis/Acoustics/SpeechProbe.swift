/// Listens to a note once, in order, and remembers what the measures need of its sound.
///
/// Costs a fraction of a millisecond for a second of audio and about 3 kB of memory. A value: one per note.
package struct SpeechProbe: Sendable {
    /// The only rate that is understood.
    package static let sampleRateHz = 16_000

    private var pitch = PitchTracker()
    private var intensity = IntensityMeter()

    package init() {}

    /// Takes the next samples.
    ///
    /// - Parameter samples: 16-bit, 16 kHz, mono; any number. Valid during the call only.
    package mutating func consume(_ samples: Span<Int16>) {
        samples.withUnsafeBufferPointer { consume($0) }
    }

    /// Takes the next samples; the same as the other form, for callers without a span.
    package mutating func consume(_ samples: UnsafeBufferPointer<Int16>) {
        pitch.consume(samples)
        intensity.consume(samples)
    }

    /// What was heard up to now. The probe can go on listening afterwards.
    package func finish() -> AcousticTrack {
        let (plain, bright) = intensity.finish()
        return AcousticTrack(pitch: pitch.finish(), intensity: plain, brightness: bright)
    }
}

/// The sound of a note in frames of 10 ms; frame `k` covers the time from `k` to `k + 1` hundredths of a second.
package struct AcousticTrack: Hashable, Sendable {
    package static let framesPerSecond = 100

    package var pitch: PitchTrack
    package var intensity: IntensityTrack
    /// Level of the differences between neighbouring samples: 6 dB per octave more for high frequencies.
    package var brightness: IntensityTrack

    package init(pitch: PitchTrack, intensity: IntensityTrack, brightness: IntensityTrack) {
        self.pitch = pitch
        self.intensity = intensity
        self.brightness = brightness
    }
}
