import COgg
import COpus

/// Encodes Ogg/Opus with libopus at low complexity and muxes it with libogg (RFC 7845).
///
/// libsndfile could write the same container, but fixes the complexity at 10: four times the time for
/// bytes that recognisers do not reward (docs/audio.md).
@safe final class OggOpusEncoder: UploadEncoder {
    /// How a stream is coded and paged.
    struct Settings {
        /// Of the samples that are passed in; one of Opus's own rates.
        var rateHz = EngineFormat.sampleRateHz
        /// Written to the header, where it is only a remark.
        var declaredRateHz = EngineFormat.sampleRateHz
        /// Bits per second; `nil` is as many as a packet holds.
        var bitrate: Int? = 24_000
        /// 0…10.
        var complexity: Int32 = 1
        var application = OPUS_APPLICATION_VOIP
        var frameMilliseconds = 20
        /// A page per second keeps the container's own cost under 1 %.
        var framesPerPage = 50
        var largestPacket = 1_500
        /// Of the logical stream.
        var serial: Int32 = 1

        var frame: Int { rateHz / 1_000 * frameMilliseconds }
        /// Ticks of the 48 kHz granule clock per sample.
        var ticks: Int { 48_000 / rateHz }
    }

    private let settings: Settings

    private let store = ByteStore()
    private let codec: OpaquePointer
    private var stream = unsafe ogg_stream_state()
    private var pending: [Int16] = []
    private var packet: [UInt8]
    private var preSkip48k = 0
    private var samples = 0
    private var frames = 0
    private var packetNumber: Int64 = 2

    /// - Parameter bitrate: Bits per second, 6 000…128 000; clamped.
    convenience init(bitrate: Int) throws(AudioError) {
        try self.init(Settings(bitrate: min(max(bitrate, 6_000), 128_000)))
    }

    init(_ settings: Settings) throws(AudioError) {
        self.settings = settings
        packet = [UInt8](repeating: 0, count: max(settings.largestPacket, 64))
        var status: Int32 = 0
        let rate = opus_int32(settings.rateHz)
        guard let made = unsafe opus_encoder_create(rate, 1, settings.application, &status) else {
            throw .io(operation: "Opus encoder", errno: 12)
        }
        unsafe codec = made
        unsafe ogg_stream_init(&stream, settings.serial)
        unsafe _ = coach_opus_encoder_set(
            codec, OPUS_SET_BITRATE_REQUEST, settings.bitrate.map(opus_int32.init) ?? OPUS_BITRATE_MAX)
        unsafe _ = coach_opus_encoder_set(codec, OPUS_SET_COMPLEXITY_REQUEST, settings.complexity)
        unsafe _ = coach_opus_encoder_set(codec, OPUS_SET_SIGNAL_REQUEST, OPUS_SIGNAL_VOICE)
        var lookahead: opus_int32 = 0
        unsafe _ = coach_opus_encoder_get(codec, OPUS_GET_LOOKAHEAD_REQUEST, &lookahead)
        preSkip48k = Int(lookahead) * settings.ticks
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
        while pending.count - used > settings.frame {
            try encodeFrame(at: used, isLast: false)
            used += settings.frame
        }
        pending.removeFirst(used)
    }

    func finish() throws(AudioError) -> UploadBody {
        // The decoder's first `preSkip` samples are dropped, so as many must follow the last real one.
        let trailer = preSkip48k / settings.ticks
        var left = pending.count + trailer
        pending.append(contentsOf: repeatElement(0, count: settings.frame + trailer))
        var used = 0
        while left > 0 {
            left -= settings.frame
            try encodeFrame(at: used, isLast: left <= 0)
            used += settings.frame
        }
        return store.take()
    }

    private func encodeFrame(at offset: Int, isLast: Bool) throws(AudioError) {
        let length = unsafe pending.withUnsafeBufferPointer { input in
            unsafe packet.withUnsafeMutableBufferPointer { room in
                guard let first = input.baseAddress, let out = room.baseAddress else {
                    return Int32(OPUS_ALLOC_FAIL)
                }
                return unsafe opus_encode(
                    codec, first + offset, Int32(settings.frame), out, Int32(settings.largestPacket))
            }
        }
        guard length > 0 else { throw .io(operation: "Opus encoder", errno: 5) }
        frames += 1
        // The last granule position cuts the padding off again.
        let position =
            isLast ? samples * settings.ticks + preSkip48k : frames * settings.frame * settings.ticks
        try mux(Int(length), granule: Int64(position), isFirst: false, isLast: isLast)
        if frames % settings.framesPerPage == 0 || isLast { try writePages() }
    }

    private func writeHeaders() throws(AudioError) {
        let vendor = Array("speechcoach".utf8)
        let head =
            Array("OpusHead".utf8) + [1, 1] + UInt16(preSkip48k).littleEndianBytes
            + UInt32(settings.declaredRateHz).littleEndianBytes + [0, 0, 0]
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
