import AudioEngine
import CoachDomain

extension JobFailure {
    /// How often a note may use up its time before the note itself is held to be at fault.
    private static let slowAttempts = 3

    /// What an unheard note means for its job, and for the speaker.
    init(_ reason: NoteTranscriber.Failure.Reason, attempts: Int) {
        switch reason {
        case .noSpeech:
            self.init(.permanent, code: "audio.noSpeech", detail: "no speech in the note", advice: .noSpeech)
        case .download(let error):
            self.init(
                .transient, code: "audio.download", detail: "the note did not arrive: \(type(of: error))")
        case .cancelled:
            self.init(.transient, code: "stage.cancelled", detail: "cancelled")
        case .noRecognizer(let last):
            self.init(
                .transient, code: "speech.noRecognizer",
                detail: "no recogniser could be used" + (last.map { ", the last said \($0)" } ?? ""))
        case .audio(let error):
            switch error {
            case .empty:
                self.init(.permanent, code: error.code, detail: "\(error)", advice: .tooShort)
            case .notAudio, .unsupportedCodec, .noAudioTrack:
                self.init(.permanent, code: error.code, detail: "\(error)", advice: .notAudio)
            case .damaged:
                self.init(.permanent, code: error.code, detail: "\(error)", advice: .damaged)
            case .tooLong:
                self.init(.permanent, code: error.code, detail: "\(error)", advice: .tooLong)
            case .wallClockExceeded where attempts >= Self.slowAttempts:
                self.init(.permanent, code: error.code, detail: "\(error)", advice: .damaged)
            case .wallClockExceeded, .io, .decoderMissing, .cancelled:
                self.init(.transient, code: error.code, detail: "\(error)")
            }
        }
    }
}
