import CFLAC

/// Streams 16-bit FLAC through libFLAC.
@safe final class FLACEncoder: UploadEncoder {
    /// What the C callbacks reach through their context pointer.
    private final class Output {
        let store = ByteStore()
        var position = 0
        var failure: AudioError?
    }

    private let handle: UnsafeMutablePointer<FLAC__StreamEncoder>
    private let output = Output()
    private var wide: [Int32] = []

    /// - Parameter level: 0…8; clamped.
    init(level: Int) throws(AudioError) {
        guard let made = unsafe FLAC__stream_encoder_new() else {
            throw .io(operation: "FLAC encoder", errno: 12)
        }
        unsafe handle = made
        unsafe FLAC__stream_encoder_set_channels(handle, 1)
        unsafe FLAC__stream_encoder_set_bits_per_sample(handle, 16)
        unsafe FLAC__stream_encoder_set_sample_rate(handle, UInt32(EngineFormat.sampleRateHz))
        unsafe FLAC__stream_encoder_set_compression_level(handle, UInt32(min(max(level, 0), 8)))
        let context = unsafe Unmanaged.passUnretained(output).toOpaque()
        // The output outlives the encoder: both belong to this object, and `deinit` deletes the
        // encoder while the object still holds its members.
        let status = unsafe FLAC__stream_encoder_init_stream(
            handle,
            { _, bytes, count, _, _, context in
                guard let bytes = unsafe bytes, let output = unsafe FLACEncoder.output(context) else {
                    return FLAC__STREAM_ENCODER_WRITE_STATUS_FATAL_ERROR
                }
                let span = unsafe Span(_unsafeStart: bytes, count: count)
                do throws(AudioError) {
                    if output.position == output.store.count {
                        try output.store.append(span)
                    } else {
                        try output.store.patch(span, at: output.position)
                    }
                    output.position += count
                    return FLAC__STREAM_ENCODER_WRITE_STATUS_OK
                } catch {
                    output.failure = error
                    return FLAC__STREAM_ENCODER_WRITE_STATUS_FATAL_ERROR
                }
            },
            { _, offset, context in
                unsafe FLACEncoder.output(context)?.position = Int(offset)
                return FLAC__STREAM_ENCODER_SEEK_STATUS_OK
            },
            { _, offset, context in
                unsafe offset?.pointee = FLAC__uint64(FLACEncoder.output(context)?.position ?? 0)
                return FLAC__STREAM_ENCODER_TELL_STATUS_OK
            },
            nil, context)
        guard status == FLAC__STREAM_ENCODER_INIT_STATUS_OK else {
            unsafe FLAC__stream_encoder_delete(handle)
            throw .io(operation: "FLAC encoder", errno: 22)
        }
    }

    deinit { unsafe FLAC__stream_encoder_delete(handle) }

    var byteCount: Int { output.store.count }

    func encode(_ samples: Span<Int16>) throws(AudioError) {
        wide.removeAll(keepingCapacity: true)
        for index in samples.indices { wide.append(Int32(samples[index])) }
        let isDone = unsafe wide.withUnsafeBufferPointer { buffer in
            unsafe FLAC__stream_encoder_process_interleaved(handle, buffer.baseAddress, UInt32(buffer.count))
        }
        guard isDone != 0 else { throw output.failure ?? .io(operation: "FLAC encoder", errno: 5) }
    }

    func finish() throws(AudioError) -> UploadBody {
        guard unsafe FLAC__stream_encoder_finish(handle) != 0 else {
            throw output.failure ?? .io(operation: "FLAC encoder", errno: 5)
        }
        return output.store.take()
    }

    private static func output(_ context: UnsafeMutableRawPointer?) -> Output? {
        unsafe context.map { unsafe Unmanaged<Output>.fromOpaque($0).takeUnretainedValue() }
    }
}
