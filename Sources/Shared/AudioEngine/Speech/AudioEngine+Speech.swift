package import CoachDomain

/// What a synthesiser gave out.
package enum SynthesizedSound: Hashable, Sendable {
    /// A file of some kind; its bytes decide which.
    case file([UInt8])
    /// Signed 16-bit little-endian samples, one channel.
    case samples([UInt8], rateHz: Int)

    package var byteCount: Int {
        switch self {
        case .file(let bytes), .samples(let bytes, _): bytes.count
        }
    }
}

extension AudioEngine {
    /// Makes a voice message of what a synthesiser gave out.
    ///
    /// Ogg/Opus of one channel that decodes without a fault stays as it is; everything else is encoded here.
    ///
    /// - Parameters:
    ///   - maximumSeconds: More than this is refused, not cut.
    ///   - limit: Time for the work itself; waiting for a free thread does not count.
    /// - Throws: ``AudioError``; `damaged` also for sound that is cut off and for silence.
    package func voiceClip(
        of sound: SynthesizedSound, maximumSeconds: Double, limit: Duration
    ) async throws(AudioError) -> VoiceClip {
        let control = RunControl(limit: limit)
        return try await threads.run(control: control) { () throws(AudioError) in
            try control.timed { () throws(AudioError) in
                try VoiceClipMaker(maximumSeconds: maximumSeconds, control: control).clip(of: sound)
            }
        }
    }

    /// Speaks a text with the synthesiser in a child process of this one.
    ///
    /// - Parameters:
    ///   - text: Reaches the program by its standard input, never as an argument.
    ///   - maximumSeconds: The program is stopped when it has produced more.
    ///   - limit: Time for the program and the encoding.
    /// - Throws: ``AudioError``; `decoderMissing` without the program, `damaged` when it knows no such voice.
    package func voiceClip(
        speaking text: String, with program: SpeechProgram, maximumSeconds: Double, limit: Duration
    ) async throws(AudioError) -> VoiceClip {
        let control = RunControl(limit: limit)
        return try await threads.run(control: control) { () throws(AudioError) in
            try control.timed { () throws(AudioError) in
                let sound = try program.speak(text, maximumSeconds: maximumSeconds, control: control)
                return try VoiceClipMaker(maximumSeconds: maximumSeconds, control: control).clip(of: sound)
            }
        }
    }
}
