import CSoxr

/// Mono floats at any rate to 16-bit samples at 16 kHz or another, by libsoxr's "high quality" recipe: flat to
/// 7.3 kHz, −136 dB above 8 kHz, at a fraction of libsamplerate's cost (docs/audio.md).
@safe final class Resampler {
    private let handle: soxr_t
    private var output = [Int16](repeating: 0, count: 4_096)

    init(fromHz rate: Int, toHz target: Int = EngineFormat.sampleRateHz) throws(AudioError) {
        var failure: soxr_error_t?
        var format = unsafe soxr_io_spec(SOXR_FLOAT32_I, SOXR_INT16_I)
        // Dither is random; without it the same note always yields the same upload.
        unsafe format.flags = UInt(SOXR_NO_DITHER)
        var quality = unsafe soxr_quality_spec(UInt(SOXR_20_BITQ), 0)
        guard
            let handle = unsafe soxr_create(
                Double(rate), Double(target), 1, &failure, &format, &quality, nil)
        else { throw .unsupportedCodec(name: "sample rate \(rate) Hz") }
        unsafe self.handle = handle
    }

    deinit { unsafe soxr_delete(handle) }

    func convert(_ samples: Span<Float>, into sink: inout some SampleSink & ~Copyable) throws(AudioError) {
        var offset = 0
        while offset < samples.count {
            let rest = samples.extracting(last: samples.count - offset)
            let (taken, made) = try unsafe rest.withUnsafeBufferPointer { input throws(AudioError) in
                try unsafe step(input.baseAddress, input.count)
            }
            let ready = output
            if made > 0 { try sink.accept(ready.span.extracting(first: made)) }
            offset += taken
            if taken == 0, made == 0 { return }
        }
    }

    /// Puts out what the filter still holds.
    func finish(into sink: inout some SampleSink & ~Copyable) throws(AudioError) {
        while true {
            let made = try unsafe step(nil, 0).made
            if made == 0 { return }
            let ready = output
            try sink.accept(ready.span.extracting(first: made))
        }
    }

    private func step(
        _ input: UnsafePointer<Float>?, _ count: Int
    ) throws(AudioError) -> (taken: Int, made: Int) {
        var taken = 0
        var made = 0
        let failure = unsafe output.withUnsafeMutableBufferPointer { room in
            unsafe soxr_process(handle, input, count, &taken, room.baseAddress, room.count, &made)
        }
        guard unsafe failure == nil else { throw .damaged }
        return (taken, made)
    }
}
