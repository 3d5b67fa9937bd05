import CoachDomain
package import PocketSphinx

/// The recogniser in this process as a provider: English, free, always there.
package struct PocketSphinxRecognizer: SpeechRecognizer {
    package let descriptor: RecognizerDescriptor
    private let pool: PocketSphinxPool

    package init(pool: PocketSphinxPool) {
        self.pool = pool
        descriptor = RecognizerDescriptor(
            name: "pocketsphinx", model: pool.modelName, capabilities: PocketSphinxPool.capabilities,
            requirement: AudioRequirement(encodings: [.pcm16], mayBeSpedUp: false), isLocal: true)
    }

    package func transcribe(
        _ audio: RecognizerAudio, context: CallContext
    ) async throws(ProviderError) -> ProviderTranscript {
        try await joined(audio, context: context) { part throws(ProviderError) in
            guard audio.encoding == .pcm16 else { throw .requestInvalid(code: "not_pcm16") }
            let samples: PCMAudio =
                switch part.content {
                case .bytes(let bytes): .bytes(bytes)
                case .file(let path, _): .file(path: path)
                }
            do throws(PocketSphinxError) {
                let heard = try await pool.recognize(samples, deadline: context.deadline)
                return ProviderTranscript(
                    text: heard.text, words: heard.words, language: "en",
                    usage: ProviderUsage(audioSeconds: part.span.duration))
            } catch {
                throw ProviderError(error)
            }
        }
    }

    package func check(deadline: ContinuousClock.Instant) async throws(ProviderError) {
        do throws(PocketSphinxError) {
            try await pool.warmUp()
        } catch {
            throw ProviderError(error)
        }
    }
}

extension ProviderError {
    init(_ error: PocketSphinxError) {
        self =
            switch error {
            case .audioUnreadable: .requestInvalid(code: "audio_unreadable")
            case .modelMissing, .cannotStart: .misconfigured(code: "pocketsphinx_model")
            case .decodingFailed: .malformedResponse
            case .timedOut: .timedOut(mayHaveActed: false)
            case .cancelled: .cancelled
            }
    }
}
