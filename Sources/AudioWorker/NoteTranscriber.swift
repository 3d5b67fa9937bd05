package import AudioEngine
package import CoachDomain
package import CoachStore
package import Providers
package import SpeechAnalysis
import Synchronization

/// From a file on disk to words and measures; needs no server and no queue.
package struct NoteTranscriber: Sendable {
    /// A note that was understood.
    package struct Result: Sendable {
        package var note: TranscribedNote
        package var calls: [ProviderCall]
        package var steps: [StepTime]
        /// What was sent, for drawing.
        package var audio: PreparedAudio
        package var voice: AcousticTrack
    }

    /// Why there is no transcript, with what it has cost.
    package struct Failure: Error, Sendable {
        package enum Reason: Sendable {
            case audio(AudioError)
            /// The bytes did not come; what their source said.
            case download(any Error)
            /// Nothing that sounds like a voice, or nothing that a recogniser could make words of.
            case noSpeech
            /// No recogniser could be used in time; `last` is what the last one said.
            case noRecognizer(last: ProviderError?)
            case cancelled
        }

        package var reason: Reason
        package var calls: [ProviderCall] = []
    }

    private let engine: AudioEngine
    private let chain: SpeechChain
    private let options: PreparationOptions

    package init(engine: AudioEngine, chain: SpeechChain, options: PreparationOptions) {
        self.engine = engine
        self.chain = chain
        self.options = options
    }

    /// Prepares, recognises and measures one note.
    ///
    /// - Parameters:
    ///   - declaredSeconds: What the sender's app claims; compared, never believed.
    package func transcribe(
        file: String, declaredSeconds: Double?, context: CallContext
    ) async throws(Failure) -> Result {
        let supply = supply(file, declaredSeconds)
        let clock = StepClock()
        let first = try firstRecognizer(for: context)
        let prepared: (PreparedAudio, AcousticTrack)
        do throws(AudioError) {
            prepared = try await supply.prepare(
                for: first.requirement, link: chain.uplink(of: first.key))
        } catch {
            throw Failure(reason: error == .cancelled ? .cancelled : .audio(error))
        }
        return try await recognize(prepared, supply, clock, context)
    }

    /// Prepares a note while its bytes are still coming, then recognises and measures it.
    ///
    /// The step `prepare` is what was left to do when the last byte was there.
    ///
    /// - Parameters:
    ///   - chunks: The bytes in order. When they end with an error, that is the failure's reason, and nothing
    ///     of the note is left.
    ///   - path: Where the note is kept as long as it is worked on; the caller removes it.
    ///   - declaredSeconds: What the sender's app claims; compared, never believed.
    ///   - arrived: Called once, when the last byte is there.
    package func transcribe<Chunks: AsyncSequence & Sendable>(
        arriving chunks: Chunks, expectedBytes: Int?, keptAt path: String, declaredSeconds: Double?,
        context: CallContext, arrived: @escaping @Sendable () async -> Void
    ) async throws(Failure) -> Result where Chunks.Element == [UInt8] {
        let supply = supply(path, declaredSeconds)
        let arrival = Arrival()
        let first = try firstRecognizer(for: context)
        let prepared: (PreparedAudio, AcousticTrack)
        do {
            prepared = try await supply.receive(
                ChunksToTheEnd(base: chunks) {
                    await arrived()
                    arrival.clock.withLock { $0 = StepClock() }
                }, expectedBytes: expectedBytes, for: first.requirement, link: chain.uplink(of: first.key))
        } catch AudioError.cancelled {
            throw Failure(reason: .cancelled)
        } catch let error as AudioError {
            throw Failure(reason: .audio(error))
        } catch {
            throw Failure(reason: .download(error))
        }
        return try await recognize(prepared, supply, arrival.clock.withLock { $0 }, context)
    }

    /// When the last byte of a note came.
    private final class Arrival: Sendable {
        let clock = Mutex(StepClock())
    }

    private func supply(_ file: String, _ declaredSeconds: Double?) -> NoteAudio {
        var options = options
        options.declaredSeconds = declaredSeconds
        return NoteAudio(engine: engine, file: file, options: options)
    }

    private func firstRecognizer(for context: CallContext) throws(Failure) -> RecognizerDescriptor {
        guard
            let first = chain.descriptors.first(where: { $0.understands(context.language) })
                ?? chain.descriptors.first
        else { throw Failure(reason: .noRecognizer(last: nil)) }
        return first
    }

    private func recognize(
        _ prepared: (PreparedAudio, AcousticTrack), _ supply: NoteAudio, _ begun: StepClock,
        _ context: CallContext
    ) async throws(Failure) -> Result {
        let (audio, voice) = prepared
        var clock = begun
        clock.lap("prepare")
        // A recogniser would be paid for inventing words.
        guard audio.containsSpeech, voice.pitch.mayBeSpeech else { throw Failure(reason: .noSpeech) }

        let outcome = await chain.transcribe(
            audioSeconds: audio.originalSeconds, supply: supply, context: context)
        clock.lap("transcribe")
        let heard: SpeechOutcome.Heard
        switch outcome.result {
        case .success(let success): heard = success
        case .failure(let failure): throw Failure(reason: Self.reason(failure), calls: outcome.calls)
        }
        guard heard.transcript.text.contains(where: \.isLetter) else {
            throw Failure(reason: .noSpeech, calls: outcome.calls)
        }
        // Prepared already; this names the upload that the words came from.
        let sent = (try? await supply.prepare(for: heard.requirement, link: nil).0) ?? audio
        let metrics = SpeechMetrics.measured(
            MeasurementInput(
                originalSeconds: audio.originalSeconds, speechSpans: audio.speechSpans, acoustics: voice,
                transcript: heard.transcript, loudnessLUFS: audio.loudnessLUFS,
                signalToNoiseDB: audio.snrEstimateDB))
        clock.lap("measure")
        return Result(
            note: TranscribedNote(audio: sent.summary, transcript: heard.transcript, metrics: metrics),
            calls: outcome.calls, steps: clock.steps, audio: sent, voice: voice)
    }

    private static func reason(_ failure: SpeechOutcome.Failure) -> Failure.Reason {
        switch failure {
        case .audio(let error as AudioError): error == .cancelled ? .cancelled : .audio(error)
        case .audio: .noRecognizer(last: nil)
        case .cancelled: .cancelled
        case .exhausted(_, let last): .noRecognizer(last: last)
        }
    }
}
