import COpus
import CoachDomain

/// Turns synthesised sound into the bytes of a voice message; runs on a DSP thread.
struct VoiceClipMaker {
    /// Wide enough for every voice that vendors offer; their own rate in most cases.
    private static let rateHz = 24_000
    /// Below this nothing in the sound is speech.
    private static let quietest: Int16 = 200

    let maximumSeconds: Double
    let control: RunControl

    func clip(of sound: SynthesizedSound) throws(AudioError) -> VoiceClip {
        switch sound {
        case .samples(let bytes, let rate):
            guard !bytes.isEmpty, bytes.count % 2 == 0 else { throw .damaged }
            return try encoded(WaveFile.samples(bytes), rateHz: rate)
        case .file(let bytes):
            if let wave = try WaveFile(bytes) { return try encoded(wave.samples, rateHz: wave.rateHz) }
            return try clip(ofFile: bytes)
        }
    }

    private func clip(ofFile bytes: [UInt8]) throws(AudioError) -> VoiceClip {
        var options = PreparationOptions()
        options.maximumSeconds = maximumSeconds
        let decoder = try NoteDecoder(.bytes(bytes), control: control, options: options)
        var sink = VoiceSink(maximumSeconds: maximumSeconds)
        try decoder.run(into: &sink, progress: nil)
        let samples = sink.samples
        guard !decoder.damage.isPartial else { throw .damaged }
        guard decoder.format == .oggOpus, let clip = VoiceClip(oggOpus: bytes) else {
            return try encoded(samples, rateHz: EngineFormat.sampleRateHz)
        }
        try check(samples)
        return clip
    }

    private func encoded(_ samples: [Int16], rateHz: Int) throws(AudioError) -> VoiceClip {
        guard (8_000...96_000).contains(rateHz) else {
            throw .unsupportedCodec(name: "sample rate \(rateHz) Hz")
        }
        guard Double(samples.count) <= maximumSeconds * Double(rateHz) else {
            throw .tooLong(limitSeconds: maximumSeconds)
        }
        try check(samples)
        let isOwn = [8_000, 12_000, 16_000, 24_000, 48_000].contains(rateHz)
        var settings = OggOpusEncoder.Settings()
        settings.rateHz = isOwn ? rateHz : Self.rateHz
        settings.declaredRateHz = 48_000
        settings.bitrate = 32_000
        settings.complexity = 8
        settings.application = OPUS_APPLICATION_VOIP
        let encoder = try OggOpusEncoder(settings)
        if isOwn {
            try encoder.encode(samples.span)
        } else {
            let floats = samples.map { Float($0) / 32_768 }
            var sink = EncoderSink(encoder: encoder, control: control)
            let resampler = try Resampler(fromHz: rateHz, toHz: Self.rateHz)
            try resampler.convert(floats.span, into: &sink)
            try resampler.finish(into: &sink)
        }
        try control.check()
        guard case .bytes(let bytes) = try encoder.finish(), let clip = VoiceClip(oggOpus: bytes) else {
            throw .tooLong(limitSeconds: maximumSeconds)
        }
        return clip
    }

    private func check(_ samples: [Int16]) throws(AudioError) {
        try control.check()
        guard !samples.isEmpty else { throw .empty }
        guard samples.contains(where: { $0 > Self.quietest || $0 < -Self.quietest }) else { throw .damaged }
    }
}

/// Keeps everything, up to a limit.
private struct VoiceSink: SampleSink {
    let maximumSeconds: Double
    var samples: [Int16] = []

    init(maximumSeconds: Double) { self.maximumSeconds = maximumSeconds }

    mutating func accept(_ chunk: Span<Int16>) throws(AudioError) {
        guard EngineFormat.seconds(samples.count + chunk.count) <= maximumSeconds else {
            throw .tooLong(limitSeconds: maximumSeconds)
        }
        unsafe chunk.withUnsafeBufferPointer { unsafe samples.append(contentsOf: $0) }
    }
}

private struct EncoderSink: SampleSink {
    let encoder: OggOpusEncoder
    let control: RunControl

    mutating func accept(_ chunk: Span<Int16>) throws(AudioError) {
        try control.check()
        try encoder.encode(chunk)
    }
}
