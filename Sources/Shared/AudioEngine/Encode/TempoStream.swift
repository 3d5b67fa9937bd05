import CSonic

/// Speeds speech up with its pitch kept, through Debian's Sonic.
///
/// One span of the note is pushed through, then flushed: Sonic's rounding, up to 0.15 % of the length,
/// thus cannot add up over a long note, and every span's length is known exactly.
@safe final class TempoStream {
    private let handle: sonicStream
    private var output = [Int16](repeating: 0, count: 8_192)

    init(speed: Double) throws(AudioError) {
        guard let made = unsafe sonicCreateStream(Int32(EngineFormat.sampleRateHz), 1) else {
            throw .io(operation: "tempo stream", errno: 12)
        }
        unsafe handle = made
        unsafe sonicSetSpeed(handle, Float(speed))
    }

    deinit { unsafe sonicDestroyStream(handle) }

    func write(
        _ samples: Span<Int16>, _ emit: (Span<Int16>) throws(AudioError) -> Void
    ) throws(AudioError) {
        let accepted = unsafe samples.withUnsafeBufferPointer { input in
            // Sonic's signature lacks `const`; it only reads.
            unsafe sonicWriteShortToStream(
                handle, UnsafeMutablePointer(mutating: input.baseAddress), Int32(input.count))
        }
        guard accepted != 0 else { throw .io(operation: "tempo stream", errno: 12) }
        try drain(emit)
    }

    /// Ends a span; the stream is then ready for the next one.
    func flush(_ emit: (Span<Int16>) throws(AudioError) -> Void) throws(AudioError) {
        guard unsafe sonicFlushStream(handle) != 0 else { throw .io(operation: "tempo stream", errno: 12) }
        try drain(emit)
    }

    private func drain(_ emit: (Span<Int16>) throws(AudioError) -> Void) throws(AudioError) {
        while true {
            let count = unsafe output.withUnsafeMutableBufferPointer { room in
                Int(unsafe sonicReadShortFromStream(handle, room.baseAddress, Int32(room.count)))
            }
            guard count > 0 else { return }
            let ready = output
            try emit(ready.span.extracting(first: count))
        }
    }
}
