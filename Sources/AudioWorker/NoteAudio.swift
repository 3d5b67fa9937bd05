import AudioEngine
import CoachDomain
import Providers
import SpeechAnalysis

/// One note's audio, prepared for whoever is going to hear it.
///
/// The first preparation also measures the voice on the original. A second one happens only when a recogniser
/// with other needs has to stand in.
actor NoteAudio: AudioSupply {
    /// What one recogniser was, or would be, given.
    private struct Kept {
        var requirement: AudioRequirement
        var encoding: AudioEncoding
        var audio: PreparedAudio

        /// Whether it is in any form that is accepted; a better one is not worth a second preparation.
        func satisfies(_ other: AudioRequirement) -> Bool {
            var other = other
            guard other.encodings.contains(encoding) else { return false }
            other.encodings = requirement.encodings
            return other == requirement
        }
    }

    private let engine: AudioEngine
    private let file: String
    private let options: PreparationOptions
    private var kept: [Kept] = []
    private var voice: AcousticTrack?

    /// - Parameters:
    ///   - file: Path of the note, or of where ``receive(_:expectedBytes:for:link:)`` shall keep it; has to
    ///     stay until this is gone.
    ///   - options: Limits, clean-up and speed; encoding and parts follow from the recogniser.
    init(engine: AudioEngine, file: String, options: PreparationOptions) {
        self.engine = engine
        self.file = file
        self.options = options
    }

    /// Prepares the note for its first recogniser while it is still being downloaded.
    ///
    /// - Throws: ``AudioError``, or what the download throws. Nothing is kept then, neither here nor on disk.
    func receive<Chunks: AsyncSequence & Sendable>(
        _ chunks: Chunks, expectedBytes: Int?, for requirement: AudioRequirement, link: LinkSpeed?
    ) async throws -> (PreparedAudio, AcousticTrack) where Chunks.Element == [UInt8] {
        let choice = choice(for: requirement, link)
        let (audio, probe) = try await engine.prepare(
            arriving: chunks, expectedBytes: expectedBytes, keepingCopyAt: file,
            options: options.fitting(requirement, choice), tap: SpeechProbe())
        return keep(audio, probe.finish(), requirement, choice)
    }

    /// The note as `requirement` asks for it, with the voice that was measured on the way.
    ///
    /// - Throws: ``AudioError``.
    func prepare(
        for requirement: AudioRequirement, link: LinkSpeed?
    ) async throws(AudioError) -> (PreparedAudio, AcousticTrack) {
        if let known = kept.first(where: { $0.satisfies(requirement) }), let voice {
            return (known.audio, voice)
        }
        let choice = choice(for: requirement, link)
        let wanted = options.fitting(requirement, choice)
        if let voice {
            return keep(
                try await engine.prepare(.file(file), options: wanted), voice, requirement, choice)
        }
        let (audio, probe) = try await engine.prepare(.file(file), options: wanted, tap: SpeechProbe())
        return keep(audio, probe.finish(), requirement, choice)
    }

    func audio(for requirement: AudioRequirement, link: LinkSpeed?) async throws -> RecognizerAudio {
        let (audio, _) = try await prepare(for: requirement, link: link)
        return RecognizerAudio(
            encoding: AudioEncoding(audio.encoding),
            parts: audio.parts.map { part in
                let content: RecognizerAudio.Content =
                    switch part.body {
                    case .bytes(let bytes): .bytes(bytes)
                    case .file(let file): .file(path: file.path, owner: file)
                    }
                return RecognizerAudio.Part(content: content, span: part.span)
            }, timeline: audio.timeline)
    }

    private func keep(
        _ audio: PreparedAudio, _ voice: AcousticTrack, _ requirement: AudioRequirement,
        _ choice: EncodingChoice
    ) -> (PreparedAudio, AcousticTrack) {
        kept.append(Kept(requirement: requirement, encoding: choice.encoding, audio: audio))
        self.voice = voice
        return (audio, voice)
    }

    private func choice(for requirement: AudioRequirement, _ link: LinkSpeed?) -> EncodingChoice {
        // Before the first preparation the sender's word for the length has to do; a wrong one costs
        // milliseconds.
        let seconds = kept.first?.audio.uploadSeconds ?? (options.declaredSeconds ?? 15) / 1.5
        return EncodingChoice(
            among: requirement.encodings, seconds: seconds, maximumPartBytes: requirement.maximumPartBytes,
            link: link)
    }
}

extension PreparationOptions {
    /// These limits, in the form that a recogniser takes.
    func fitting(_ requirement: AudioRequirement, _ choice: EncodingChoice) -> PreparationOptions {
        var options = self
        switch choice.encoding {
        case .pcm16: options.encoding = .pcm16
        case .flac: options.encoding = .flac()
        case .oggOpus: options.encoding = .opus()
        case .wav: options.encoding = .wav
        }
        options.encodingReason = choice.reason
        if !requirement.mayBeSpedUp { options.speed = .fixed(1) }
        options.maximumPartBytes = requirement.maximumPartBytes
        options.maximumPartSeconds = requirement.maximumPartSeconds
        options.minimumBilledSeconds = requirement.minimumBilledSeconds
        return options
    }
}

extension AudioEncoding {
    fileprivate init(_ encoding: UploadEncoding) {
        self =
            switch encoding {
            case .flac: .flac
            case .opus: .oggOpus
            case .wav: .wav
            case .pcm16: .pcm16
            }
    }
}

/// The analysis hears every sample of the original on its way through the engine.
extension SpeechProbe: SampleTap {}
