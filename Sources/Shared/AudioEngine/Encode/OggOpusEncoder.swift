import COgg
import COpus

/// Encodes Ogg/Opus with libopus at low complexity and muxes it with libogg (RFC 7845).
///
/// libsndfile could write the same container, but fixes the complexity at 10: four times the time for
/// bytes that recognisers do not reward (docs/audio.md).
@safe final class OggOpusEncoder: UploadEncoder {
    private static let frame = 320
    /// A page per second keeps the container's own cost under 1 %.
    private static let framesPerPage = 50

    private let store = ByteStore()
    private let codec: OpaquePointer
    private var stream = unsafe ogg_stream_state()
    private var pending: [Int16] = []
    private var packet = [UInt8](repeating: 0, count: 1_500)
    private var preSkip48k = 0
    private var samples = 0
    private var frames = 0
    private var packetNumber: Int64 = 2

    /// - Parameters:
    ///   - bitrate: Bits per second, 6 000…128 000; clamped.
    ///   - complexity: 0…10.
    ///   - serial: Of the logical stream; any number.
    init(bitrate: Int, complexity: Int32 = 1, serial: Int32 = 1) throws(AudioError) {
        var status: Int32 = 0
        guard let made = unsafe opus_encoder_create(16_000, 1, OPUS_APPLICATION_VOIP, &status) else {
            throw .io(operation: "Opus encoder", errno: 12)
        }
        unsafe codec = made
        unsafe ogg_stream_init(&stream, serial)
        let rate = opus_int32(min(max(bitrate, 6_000), 128_000))
        unsafe _ = coach_opus_encoder_set(codec, OPUS_SET_BITRATE_REQUEST, rate)
        unsafe _ = coach_opus_encoder_set(codec, OPUS_SET_COMPLEXITY_REQUEST, complexity)
        unsafe _ = coach_opus_encoder_set(codec, OPUS_SET_SIGNAL_REQUEST, OPUS_SIGNAL_VOICE)
        var lookahead: opus_int32 = 0
        unsafe _ = coach_opus_encoder_get(codec, OPUS_GET_LOOKAHEAD_REQUEST, &lookahead)
        preSkip48k = Int(lookahead) * 3
        try writeHeaders()
    }

    deinit {
        unsafe ogg_stream_clear(&stream)
        unsafe opus_encoder_destroy(codec)
    }

    var byteCount: Int { store.count }

    func encode(_ samples: Span<Int16>) throws(AudioError) {
        self.samples += samples.count
        unsafe samples.withUnsafeBufferPointer { unsafe pending.append(contentsOf: $0) }
        var used = 0
        while pending.count - used > Self.frame {
            try encodeFrame(at: used, isLast: false)
            used += Self.frame
        }
        pending.removeFirst(used)
    }

    func finish() throws(AudioError) -> UploadBody {
        // The decoder's first `preSkip` samples are dropped, so as many must follow the last real one.
        var left = pending.count + preSkip48k / 3
        pending.append(contentsOf: repeatElement(0, count: Self.frame + preSkip48k / 3))
        var used = 0
        while left > 0 {
            left -= Self.frame
            try encodeFrame(at: used, isLast: left <= 0)
            used += Self.frame
        }
        return store.take()
    }

    private func encodeFrame(at offset: Int, isLast: Bool) throws(AudioError) {
        let length = unsafe pending.withUnsafeBufferPointer { input in
            unsafe packet.withUnsafeMutableBufferPointer { room in
                guard let first = input.baseAddress, let out = room.baseAddress else {
                    return Int32(OPUS_ALLOC_FAIL)
                }
                return unsafe opus_encode(codec, first + offset, Int32(Self.frame), out, Int32(room.count))
            }
        }
        guard length > 0 else { throw .io(operation: "Opus encoder", errno: 5) }
        frames += 1
        // The last granule position cuts the padding off again.
        let position = isLast ? samples * 3 + preSkip48k : frames * Self.frame * 3
        try mux(Int(length), granule: Int64(position), isFirst: false, isLast: isLast)
        if frames % Self.framesPerPage == 0 || isLast { try writePages() }
    }

    private func writeHeaders() throws(AudioError) {
        let vendor = Array("speechcoach".utf8)
        let head =
            Array("OpusHead".utf8) + [1, 1] + UInt16(preSkip48k).littleEndianBytes
            + UInt32(EngineFormat.sampleRateHz).littleEndianBytes + [0, 0, 0]
        let tags =
            Array("OpusTags".utf8) + UInt32(vendor.count).littleEndianBytes + vendor
            + UInt32(0).littleEndianBytes
        for (number, header) in [head, tags].enumerated() {
            packet.replaceSubrange(0..<header.count, with: header)
            packetNumber = Int64(number)
            try mux(header.count, granule: 0, isFirst: number == 0, isLast: false)
            try writePages()
        }
    }

    private func mux(_ length: Int, granule: Int64, isFirst: Bool, isLast: Bool) throws(AudioError) {
        let number = packetNumber
        packetNumber += 1
        let status = unsafe packet.withUnsafeMutableBufferPointer { bytes in
            var entry = unsafe ogg_packet(
                packet: bytes.baseAddress, bytes: length, b_o_s: isFirst ? 1 : 0, e_o_s: isLast ? 1 : 0,
                granulepos: granule, packetno: number)
            return unsafe ogg_stream_packetin(&stream, &entry)
        }
        guard status == 0 else { throw .io(operation: "Ogg page", errno: 12) }
    }

    private func writePages() throws(AudioError) {
        var page = unsafe ogg_page()
        while unsafe ogg_stream_flush(&stream, &page) != 0 {
            try store.append(unsafe Span(_unsafeStart: page.header, count: page.header_len))
            try store.append(unsafe Span(_unsafeStart: page.body, count: page.body_len))
        }
    }
}
