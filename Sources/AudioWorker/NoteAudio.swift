import AudioEngine
import CoachDomain
import Providers
import SpeechAnalysis

/// One note's audio, prepared for whoever is going to hear it.
///
/// The first preparation also measures the voice on the original. A second one happens only when a recogniser
/// with other needs has to stand in.
actor NoteAudio: AudioSupply {
    private let engine: AudioEngine
    private let file: String
    private let options: PreparationOptions
    private var prepared: [AudioRequirement: PreparedAudio] = [:]
    private var voice: AcousticTrack?

    /// - Parameters:
    ///   - file: Path of the note as downloaded; has to stay until this is gone.
    ///   - options: Limits and speed; encoding and parts follow from the recogniser.
    init(engine: AudioEngine, file: String, options: PreparationOptions) {
        self.engine = engine
        self.file = file
        self.options = options
    }

    /// The note as `requirement` asks for it, with the voice that was measured on the way.
    ///
    /// - Throws: ``AudioError``.
    func prepare(for requirement: AudioRequirement) async throws(AudioError) -> (PreparedAudio, AcousticTrack)
    {
        if let known = prepared[requirement], let voice { return (known, voice) }
        let wanted = options.fitting(requirement)
        if let voice {
            let audio = try await engine.prepare(.file(file), options: wanted)
            prepared[requirement] = audio
            return (audio, voice)
        }
        let (audio, probe) = try await engine.prepare(.file(file), options: wanted, tap: SpeechProbe())
        let measured = probe.finish()
        prepared[requirement] = audio
        voice = measured
        return (audio, measured)
    }

    func audio(for requirement: AudioRequirement) async throws -> RecognizerAudio {
        let (audio, _) = try await prepare(for: requirement)
        return RecognizerAudio(
            encoding: requirement.encodings.first ?? .flac,
            parts: audio.parts.map { part in
                let content: RecognizerAudio.Content =
                    switch part.body {
                    case .bytes(let bytes): .bytes(bytes)
                    case .file(let file): .file(path: file.path, owner: file)
                    }
                return RecognizerAudio.Part(content: content, span: part.span)
            }, timeline: audio.timeline)
    }
}

extension PreparationOptions {
    /// These limits, in the form that a recogniser takes.
    func fitting(_ requirement: AudioRequirement) -> PreparationOptions {
        var options = self
        switch requirement.encodings.first ?? .flac {
        case .pcm16: options.encoding = .pcm16
        case .flac: options.encoding = .flac()
        case .oggOpus: options.encoding = .opus()
        case .wav: options.encoding = .wav
        }
        if !requirement.mayBeSpedUp { options.speed = .fixed(1) }
        options.maximumPartBytes = requirement.maximumPartBytes
        options.maximumPartSeconds = requirement.maximumPartSeconds
        options.minimumBilledSeconds = requirement.minimumBilledSeconds
        return options
    }
}

/// The analysis hears every sample of the original on its way through the engine.
extension SpeechProbe: SampleTap {}
