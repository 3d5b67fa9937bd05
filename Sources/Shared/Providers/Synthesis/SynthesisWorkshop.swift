import AudioEngine
import CoachDomain

/// What every adapter does with a vendor's bytes: makes a voice message of them and judges it.
struct SynthesisWorkshop: Sendable {
    /// More than anybody's slowest voice makes of a passage.
    private static let mostSeconds = 2 * SpokenPassage.maximumSeconds
    /// Letters and digits a second that nobody can say, and so a sign that the end is missing.
    private static let fastest = 30.0

    let engine: AudioEngine

    /// - Throws: `malformedResponse` for anything but whole, audible speech of a plausible length.
    func speech(
        of sound: SynthesizedSound, saying passage: SpokenPassage, deadline: ContinuousClock.Instant
    ) async throws(ProviderError) -> ProviderSpeech {
        if case .file(let bytes) = sound, let document = JSONValue(parsing: bytes) {
            throw document["error"]?.isNull == false || document["detail"] != nil
                ? .embedded(in: document, body: bytes) : .malformedResponse
        }
        let clip = try await limited(by: deadline, mayHaveActed: true) { [engine] in
            try await engine.voiceClip(of: sound, maximumSeconds: Self.mostSeconds, limit: deadline - .now)
        }
        guard Double(passage.soundingCharacters) <= Self.fastest * max(clip.seconds, 0.3) else {
            throw .malformedResponse
        }
        return ProviderSpeech(clip: clip, usage: ProviderUsage(characters: passage.text.count))
    }

    func speech(
        saying passage: SpokenPassage, with program: SpeechProgram, deadline: ContinuousClock.Instant
    ) async throws(ProviderError) -> ProviderSpeech {
        let clip = try await limited(by: deadline, mayHaveActed: false) { [engine] in
            try await engine.voiceClip(
                speaking: passage.text, with: program, maximumSeconds: Self.mostSeconds,
                limit: deadline - .now)
        }
        return ProviderSpeech(clip: clip, usage: ProviderUsage(characters: passage.text.count))
    }

    /// The engine leaves its line and stops its work when it is cancelled, so a deadline is a cancellation.
    private func limited(
        by deadline: ContinuousClock.Instant, mayHaveActed: Bool,
        _ work: @escaping @Sendable () async throws -> VoiceClip
    ) async throws(ProviderError) -> VoiceClip {
        typealias Outcome = Result<VoiceClip, any Error>
        let result = await withTaskGroup(of: Outcome.self, returning: Outcome.self) { group in
            group.addTask {
                do { return .success(try await work()) } catch { return .failure(error) }
            }
            group.addTask {
                // Cancelled as soon as the work is done.
                try? await Task.sleep(until: deadline, clock: .continuous)
                return .failure(ProviderError.timedOut(mayHaveActed: mayHaveActed))
            }
            let first = await group.next() ?? .failure(ProviderError.cancelled)
            group.cancelAll()
            return first
        }
        switch result {
        case .success(let clip): return clip
        case .failure(let error as AudioError):
            throw Task.isCancelled ? .cancelled : ProviderError(synthesis: error)
        case .failure(let error as ProviderError): throw Task.isCancelled ? .cancelled : error
        case .failure: throw .cancelled
        }
    }
}

extension ProviderError {
    init(synthesis error: AudioError) {
        self =
            switch error {
            case .empty, .notAudio, .unsupportedCodec, .damaged, .noAudioTrack, .tooLong: .malformedResponse
            case .decoderMissing: .misconfigured(code: "program_missing")
            case .wallClockExceeded, .io: .server(status: 500)
            case .cancelled: .cancelled
            }
    }
}
