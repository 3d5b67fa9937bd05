/// Turns 16 kHz mono samples into the bytes of one upload part.
protocol UploadEncoder: AnyObject {
    /// Bytes produced so far.
    var byteCount: Int { get }
    func encode(_ samples: Span<Int16>) throws(AudioError)
    /// Ends the part; nothing may be encoded afterwards.
    func finish() throws(AudioError) -> UploadBody
}

extension UploadEncoding {
    func makeEncoder() throws(AudioError) -> any UploadEncoder {
        switch self {
        case .flac(let level): try FLACEncoder(level: level)
        case .opus(let bitrate): try OggOpusEncoder(bitrate: bitrate)
        case .wav: try PCMEncoder(header: true)
        case .pcm16: try PCMEncoder(header: false)
        }
    }

    package var contentType: String {
        switch self {
        case .flac: "audio/flac"
        case .opus: "audio/ogg"
        case .wav: "audio/wav"
        case .pcm16: "audio/L16;rate=16000"
        }
    }

    package var suggestedFilename: String {
        switch self {
        case .flac: "note.flac"
        case .opus: "note.ogg"
        case .wav: "note.wav"
        case .pcm16: "note.pcm"
        }
    }
}

/// Little-endian samples, with or without a RIFF/WAVE header.
final class PCMEncoder: UploadEncoder {
    private let store = ByteStore()
    private let hasHeader: Bool
    private var bytes: [UInt8] = []

    init(header: Bool) throws(AudioError) {
        hasHeader = header
        if header { try store.append(Self.header(dataBytes: 0)) }
    }

    var byteCount: Int { store.count }

    func encode(_ samples: Span<Int16>) throws(AudioError) {
        bytes.removeAll(keepingCapacity: true)
        for index in samples.indices {
            let sample = UInt16(bitPattern: samples[index])
            bytes.append(UInt8(truncatingIfNeeded: sample))
            bytes.append(UInt8(truncatingIfNeeded: sample >> 8))
        }
        try store.append(bytes)
    }

    func finish() throws(AudioError) -> UploadBody {
        if hasHeader { try store.patch(Self.header(dataBytes: store.count - 44).span, at: 0) }
        return store.take()
    }

    private static func header(dataBytes: Int) -> [UInt8] {
        let rate = UInt32(EngineFormat.sampleRateHz)
        let size = UInt32(clamping: dataBytes)
        var header = Array("RIFF".utf8) + (size &+ 36).littleEndianBytes + Array("WAVEfmt ".utf8)
        header += UInt32(16).littleEndianBytes + [1, 0, 1, 0] + rate.littleEndianBytes
        header += (rate * 2).littleEndianBytes + [2, 0, 16, 0]
        return header + Array("data".utf8) + size.littleEndianBytes
    }
}

extension FixedWidthInteger {
    /// For the little-endian fields of RIFF and Ogg headers.
    var littleEndianBytes: [UInt8] {
        (0..<(Self.bitWidth / 8)).map { UInt8(truncatingIfNeeded: self >> Self($0 * 8)) }
    }
}
