import CSndfile

/// Decodes WAV, FLAC, MP3 and Ogg/Vorbis through libsndfile.
///
/// Only bytes that were sniffed as one of these reach it: libsndfile also opens dozens of rarer
/// formats, whose parsers are where its security fixes keep happening.
@safe final class SndfileDecoder {
    private let handle: OpaquePointer
    private let channels: Int
    private let resampler: Resampler?
    /// Frames that the header claims; `nil` when it claims none or nonsense.
    private let declaredFrames: Int64?
    private let rate: Int
    private var readFrames: Int64 = 0
    private var interleaved: [Float]
    private var mono: [Float]
    private var direct: [Int16]

    private static let chunkFrames = 8_192
    private static let rates = 4_000...192_000
    private static let mostChannels = 8

    /// - Parameters:
    ///   - file: An open, seekable descriptor, read from its beginning; closed with this object.
    ///   - format: What the bytes were sniffed as.
    init(file: consuming FileDescriptor, format: AudioFormat) throws(AudioError) {
        var info = SF_INFO()
        file.rewind()
        guard let opened = unsafe sf_open_fd(file.release(), Int32(SFM_READ), &info, Int32(SF_TRUE)) else {
            throw .damaged
        }
        do {
            try Self.check(info, format)
            resampler =
                Int(info.samplerate) == EngineFormat.sampleRateHz
                ? nil : try Resampler(fromHz: Int(info.samplerate))
        } catch {
            unsafe sf_close(opened)
            throw error
        }
        unsafe handle = opened
        channels = Int(info.channels)
        rate = Int(info.samplerate)
        declaredFrames = (1..<(Int64.max / 2)).contains(info.frames) ? info.frames : nil
        interleaved = [Float](repeating: 0, count: Self.chunkFrames * channels)
        mono = [Float](repeating: 0, count: Self.chunkFrames)
        direct = [Int16](repeating: 0, count: Self.chunkFrames)
    }

    deinit { unsafe sf_close(handle) }

    /// The share of the file that has been read, as far as its header can be trusted for that.
    var progress: Double { declaredFrames.map { min(1, Double(readFrames) / Double($0)) } ?? 0 }

    /// Whether decoding ended well before the length that the header claims.
    var isTruncated: Bool {
        guard let declaredFrames else { return unsafe sf_error(handle) != 0 }
        // MP3 lengths are estimates; a twentieth of a second is beyond any encoder's padding.
        return readFrames + Int64(rate / 20) < declaredFrames
    }

    /// Decodes the next chunk; `false` at the end.
    func step(into sink: inout some SampleSink & ~Copyable) throws(AudioError) -> Bool {
        let count = unsafe interleaved.withUnsafeMutableBufferPointer { room in
            Int(unsafe sf_readf_float(handle, room.baseAddress, sf_count_t(Self.chunkFrames)))
        }
        guard count > 0 else {
            if let resampler { try resampler.finish(into: &sink) }
            return false
        }
        readFrames += Int64(count)
        downmix(count)
        if let resampler {
            let ready = mono
            try resampler.convert(ready.span.extracting(first: count), into: &sink)
        } else {
            for index in 0..<count {
                direct[index] = Int16(min(max(mono[index] * 32_768, -32_768), 32_767).rounded())
            }
            let ready = direct
            try sink.accept(ready.span.extracting(first: count))
        }
        return true
    }

    private func downmix(_ count: Int) {
        let scale = 1 / Float(channels)
        for frame in 0..<count {
            var sum: Float = 0
            for channel in 0..<channels { sum += interleaved[frame * channels + channel] }
            // Float formats may hold NaN and infinities.
            mono[frame] = sum.isFinite ? min(max(sum * scale, -1), 1) : 0
        }
    }

    private static func check(_ info: SF_INFO, _ format: AudioFormat) throws(AudioError) {
        let major = Int(info.format) & Int(SF_FORMAT_TYPEMASK)
        let minor = Int(info.format) & Int(SF_FORMAT_SUBMASK)
        let majors: [Int]
        var minors: [Int]
        switch format {
        case .wav:
            majors = [SF_FORMAT_WAV, SF_FORMAT_WAVEX, SF_FORMAT_RF64]
            minors = [
                SF_FORMAT_PCM_U8, SF_FORMAT_PCM_16, SF_FORMAT_PCM_24, SF_FORMAT_PCM_32, SF_FORMAT_FLOAT,
                SF_FORMAT_DOUBLE, SF_FORMAT_ULAW, SF_FORMAT_ALAW,
            ]
        case .flac:
            majors = [SF_FORMAT_FLAC]
            minors = [SF_FORMAT_PCM_S8, SF_FORMAT_PCM_16, SF_FORMAT_PCM_24]
        case .mp3:
            majors = [SF_FORMAT_MPEG]
            minors = [SF_FORMAT_MPEG_LAYER_I, SF_FORMAT_MPEG_LAYER_II, SF_FORMAT_MPEG_LAYER_III]
        case .oggVorbis:
            majors = [SF_FORMAT_OGG]
            minors = [SF_FORMAT_VORBIS]
        case .oggOpus, .oggFLAC, .oggSpeex, .aac, .mp4, .matroska, .amr:
            majors = []
            minors = []
        }
        guard majors.contains(major), minors.contains(minor) else {
            throw .unsupportedCodec(name: "\(format.rawValue) variant")
        }
        guard rates.contains(Int(info.samplerate)) else {
            throw .unsupportedCodec(name: "sample rate \(info.samplerate) Hz")
        }
        guard (1...mostChannels).contains(Int(info.channels)) else {
            throw .unsupportedCodec(name: "\(info.channels) channels")
        }
    }
}
