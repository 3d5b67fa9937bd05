package import AudioEngine
package import CoachDomain
package import CoachStore
package import Providers
import SpeechAnalysis

/// Seconds spent in one step, for tables and metrics.
package struct StepTime: Hashable, Sendable, Codable {
    package var name: String
    package var seconds: Double

    package init(name: String, seconds: Double) {
        self.name = name
        self.seconds = seconds
    }
}

/// From a file on disk to words and measures; needs no server and no queue.
package struct NoteTranscriber: Sendable {
    /// A note that was understood.
    package struct Result: Sendable {
        package var note: TranscribedNote
        package var calls: [ProviderCall]
        package var steps: [StepTime]
    }

    /// Why there is no transcript, with what it has cost.
    package struct Failure: Error, Sendable {
        package enum Reason: Sendable {
            case audio(AudioError)
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
        var options = options
        options.declaredSeconds = declaredSeconds
        let supply = NoteAudio(engine: engine, file: file, options: options)
        var clock = StepClock()
        guard
            let first = chain.descriptors.first(where: { $0.understands(context.language) })
                ?? chain.descriptors.first
        else { throw Failure(reason: .noRecognizer(last: nil)) }

        let audio: PreparedAudio
        let voice: AcousticTrack
        do throws(AudioError) {
            (audio, voice) = try await supply.prepare(for: first.requirement)
        } catch {
            throw Failure(reason: error == .cancelled ? .cancelled : .audio(error))
        }
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
        let sent = (try? await supply.prepare(for: heard.requirement).0) ?? audio
        let metrics = SpeechMetrics.measured(
            MeasurementInput(
                originalSeconds: audio.originalSeconds, speechSpans: audio.speechSpans, acoustics: voice,
                transcript: heard.transcript, loudnessLUFS: audio.loudnessLUFS,
                signalToNoiseDB: audio.snrEstimateDB))
        clock.lap("measure")
        return Result(
            note: TranscribedNote(audio: sent.summary, transcript: heard.transcript, metrics: metrics),
            calls: outcome.calls, steps: clock.steps)
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

/// Laps of a stopwatch.
package struct StepClock: Sendable {
    package private(set) var steps: [StepTime] = []
    private var start = ContinuousClock.now

    package init() {}

    package mutating func lap(_ name: String) {
        let now = ContinuousClock.now
        steps.append(StepTime(name: name, seconds: (now - start).inSeconds))
        start = now
    }
}
