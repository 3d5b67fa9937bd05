import CLinux

/// Prepares voice notes for recognisers, and measures them on the way.
///
/// One engine per process: it owns the threads on which all decoding and signal processing runs, never
/// more than there are processors to spare. Memory per note is bounded, whatever its length. Cancelling
/// the calling task stops work between two chunks, a few milliseconds of work apart.
package final class AudioEngine: Sendable {
    let threads: DSPThreads

    /// - Parameter threads: Notes prepared at the same time; by default one less than there are cores,
    ///   at least one.
    package init(threads: Int? = nil) {
        self.threads = DSPThreads(count: threads ?? Int(coach_processors()) - 1)
    }

    /// Prepares one note.
    ///
    /// - Parameters:
    ///   - source: The note. Its bytes decide what it is.
    ///   - options: Limits, speed, trimming and encoding.
    ///   - tap: Hears every 16 kHz sample of the original once, in order.
    ///   - progress: Called on a DSP thread with the share of input read so far, 0…1, rising, at most
    ///     some hundred times.
    /// - Returns: The upload with its measurements, and the tap with what it gathered.
    /// - Throws: ``AudioError``; no temporary file is left behind.
    package func prepare<Tap: SampleTap>(
        _ source: AudioSource, options: PreparationOptions, tap: Tap,
        progress: (@Sendable (Double) -> Void)? = nil
    ) async throws(AudioError) -> (audio: PreparedAudio, tap: Tap) {
        let control = RunControl(limit: options.wallClockLimit)
        return try await threads.run(control: control) { () throws(AudioError) in
            try control.timed { () throws(AudioError) in
                var pipeline = PreparationPipeline(options: options, control: control, tap: tap)
                let decoder = try NoteDecoder(
                    source, control: control, options: options)
                try decoder.run(into: &pipeline, progress: progress)
                let audio = try pipeline.finish(format: decoder.format, damage: decoder.damage)
                return (audio, pipeline.tap)
            }
        }
    }

    /// Prepares one note while its bytes are still coming.
    ///
    /// Ogg/Opus is decoded as it arrives; containers that need to seek are kept in an anonymous file
    /// until they are complete. No thread is held while the network is waited for.
    ///
    /// - Parameters:
    ///   - chunks: The note's bytes in order.
    ///   - expectedBytes: For progress only.
    ///   - copyPath: Where the bytes are kept as well, for another preparation; replaced when it exists, left
    ///     absent on any error.
    /// - Throws: ``AudioError``, or whatever `chunks` throws. Reading stops at the first error.
    package func prepare<Tap: SampleTap, Chunks: AsyncSequence>(
        arriving chunks: Chunks, expectedBytes: Int? = nil, keepingCopyAt copyPath: String? = nil,
        options: PreparationOptions, tap: Tap,
        progress: (@Sendable (Double) -> Void)? = nil
    ) async throws -> (audio: PreparedAudio, tap: Tap) where Chunks.Element == [UInt8] {
        let control = RunControl(limit: options.wallClockLimit)
        let note = ArrivingNote(
            options: options, control: control, tap: tap, expectedBytes: expectedBytes, copyPath: copyPath,
            progress: progress)
        do {
            var waiting: [UInt8] = []
            for try await chunk in chunks {
                waiting += chunk
                guard waiting.count >= Self.leastArriving else { continue }
                let bytes = waiting
                waiting.removeAll(keepingCapacity: true)
                try await threads.run(control: control) { () throws(AudioError) in try note.take(bytes) }
            }
            let bytes = waiting
            return try await threads.run(control: control) { () throws(AudioError) in
                try note.take(bytes)
                return try note.finish()
            }
        } catch {
            // One system call, which no disk makes wait.
            note.abandon()
            throw error
        }
    }

    /// Bytes that are worth a visit to a DSP thread.
    private static let leastArriving = 16 << 10

    /// Prepares one note that nobody else listens to.
    package func prepare(
        _ source: AudioSource, options: PreparationOptions,
        progress: (@Sendable (Double) -> Void)? = nil
    ) async throws(AudioError) -> PreparedAudio {
        try await prepare(source, options: options, tap: NoTap(), progress: progress).audio
    }
}
