import COpus

/// The identification header of an Ogg/Opus stream (RFC 7845, section 5.1).
struct OpusHead {
    let channels: Int
    /// Samples at 48 kHz that a player drops at the beginning.
    let preSkip48k: Int
    /// Q7.8 decibels.
    let gain: Int32
    let mappingFamily: UInt8
    let streams: Int
    let coupled: Int
    let mapping: [UInt8]

    /// `nil` when the packet is no `OpusHead` of a version and shape that can be decoded.
    init?(packet: UnsafeRawBufferPointer) {
        let bytes = unsafe [UInt8](packet)
        guard bytes.count >= 19, bytes.starts(with: "OpusHead".utf8), bytes[8] >> 4 == 0 else { return nil }
        let channels = Int(bytes[9])
        let family = bytes[18]
        guard channels > 0 else { return nil }
        self.channels = channels
        preSkip48k = Int(bytes[10]) | Int(bytes[11]) << 8
        gain = Int32(Int16(bitPattern: UInt16(bytes[16]) | UInt16(bytes[17]) << 8))
        mappingFamily = family
        if family == 0 {
            guard channels <= 2 else { return nil }
            streams = 1
            coupled = channels - 1
            mapping = channels == 2 ? [0, 1] : [0]
        } else {
            guard bytes.count >= 21 + channels else { return nil }
            streams = Int(bytes[19])
            coupled = Int(bytes[20])
            mapping = [UInt8](bytes[21..<(21 + channels)])
        }
    }
}

/// One libopus decoder that puts out 16 kHz mono, whatever the stream's channels.
@safe final class OpusCodec {
    /// 120 ms at 16 kHz, the longest packet that Opus knows.
    static let largestPacket = 1_920
    private static let mostChannels = 8

    private let mono: OpaquePointer?
    private let surround: OpaquePointer?
    private let channels: Int
    private var interleaved: [Int16] = []
    private var lastLength = 320

    /// - Throws: ``AudioError/unsupportedCodec(name:)`` for more than eight channels or a bad mapping.
    init(head: OpusHead) throws(AudioError) {
        var status: Int32 = 0
        channels = head.channels
        if head.mappingFamily == 0 {
            // A one-channel decoder downmixes a stereo stream by itself.
            unsafe mono = opus_decoder_create(16_000, 1, &status)
            unsafe surround = nil
        } else {
            guard head.channels <= Self.mostChannels else {
                throw .unsupportedCodec(name: "Opus with \(head.channels) channels")
            }
            unsafe mono = nil
            unsafe surround = opus_multistream_decoder_create(
                16_000, Int32(head.channels), Int32(head.streams), Int32(head.coupled), head.mapping, &status)
            interleaved = [Int16](repeating: 0, count: Self.largestPacket * head.channels)
        }
        guard status == OPUS_OK else { throw .unsupportedCodec(name: "Opus channel mapping") }
        if head.gain != 0 {
            if let mono = unsafe mono {
                unsafe _ = coach_opus_decoder_set(mono, OPUS_SET_GAIN_REQUEST, head.gain)
            }
            if let surround = unsafe surround {
                unsafe _ = coach_opus_multistream_decoder_set(surround, OPUS_SET_GAIN_REQUEST, head.gain)
            }
        }
    }

    deinit {
        if let mono = unsafe mono { unsafe opus_decoder_destroy(mono) }
        if let surround = unsafe surround { unsafe opus_multistream_decoder_destroy(surround) }
    }

    /// Samples per channel that a packet announces; 0 when it is malformed.
    static func samples(in packet: UnsafeRawBufferPointer, rate: Int32) -> Int {
        guard let base = packet.baseAddress, packet.count > 0 else { return 0 }
        return max(0, Int(unsafe opus_packet_get_nb_samples(base, Int32(clamping: packet.count), rate)))
    }

    /// Appends a packet's samples. A packet that libopus refuses is concealed for as long as it, or the
    /// one before it, lasts; the answer is then `false`.
    func decode(_ packet: UnsafeRawBufferPointer, onto samples: inout [Int16]) -> Bool {
        let start = samples.count
        samples.append(contentsOf: repeatElement(0, count: Self.largestPacket))
        var count = unsafe run(packet.baseAddress, Int32(clamping: packet.count), at: start, in: &samples)
        let isGood = count >= 0 && packet.count > 0
        if count < 0 {
            let announced = unsafe Self.samples(in: packet, rate: 16_000)
            let length = announced > 0 ? announced : lastLength
            count = unsafe run(nil, 0, length: length, at: start, in: &samples)
            if count < 0 { count = length }
        }
        lastLength = count > 0 ? count : lastLength
        samples.removeLast(Self.largestPacket - count)
        return isGood
    }

    private func run(
        _ base: UnsafeRawPointer?, _ byteCount: Int32, length: Int = largestPacket, at start: Int,
        in samples: inout [Int16]
    ) -> Int {
        let bytes = unsafe base?.assumingMemoryBound(to: UInt8.self)
        return unsafe samples.withUnsafeMutableBufferPointer { buffer in
            guard let first = buffer.baseAddress else { return -1 }
            let out = unsafe first + start
            if let mono = unsafe mono {
                return Int(unsafe opus_decode(mono, bytes, byteCount, out, Int32(length), 0))
            }
            guard let surround = unsafe surround else { return -1 }
            let count = unsafe interleaved.withUnsafeMutableBufferPointer { wide in
                guard let room = wide.baseAddress else { return Int32(OPUS_ALLOC_FAIL) }
                return unsafe opus_multistream_decode(surround, bytes, byteCount, room, Int32(length), 0)
            }
            for index in 0..<max(0, Int(count)) {
                let sum = (0..<channels).reduce(Int32(0)) { $0 + Int32(interleaved[index * channels + $1]) }
                unsafe out[index] = Int16(sum / Int32(channels))
            }
            return Int(count)
        }
    }
}
