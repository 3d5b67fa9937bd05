/// Why a note could not be prepared. Nothing was uploaded or paid when one of these is thrown.
///
/// No case carries a path, a name or a sample of the note, so that each may be logged.
package enum AudioError: Error, Equatable, Sendable {
    /// No bytes, or a well-formed container without a single sample.
    case empty
    /// The bytes are no audio container that is known here; `sniffed` names what they look like.
    case notAudio(sniffed: String)
    /// The container is known, the codec or its parameters are refused.
    case unsupportedCodec(name: String)
    /// The container is known, but nothing could be decoded from it.
    case damaged
    /// More decoded audio than the limit; headers are not believed, decoding stopped at the limit.
    case tooLong(limitSeconds: Double)
    /// A container without an audio track, for example a silent video note.
    case noAudioTrack
    /// A decoder program is not installed; `mend` says what to install.
    case decoderMissing(mend: String)
    /// Preparation took longer than its wall-clock limit and was stopped.
    case wallClockExceeded(limit: Duration)
    /// The surrounding task was cancelled; temporary files are gone.
    case cancelled
    /// The file could not be read, or a temporary file could not be written.
    case io(operation: String, errno: Int32)

    /// Whether running the same preparation again can help.
    package var isTransient: Bool {
        switch self {
        case .wallClockExceeded, .cancelled, .io, .decoderMissing: true
        case .empty, .notAudio, .unsupportedCodec, .damaged, .tooLong, .noAudioTrack: false
        }
    }

    /// A stable name for logs, metrics and the job's last error.
    package var code: String {
        switch self {
        case .empty: "audio.empty"
        case .notAudio: "audio.notAudio"
        case .unsupportedCodec: "audio.unsupportedCodec"
        case .damaged: "audio.damaged"
        case .tooLong: "audio.tooLong"
        case .noAudioTrack: "audio.noAudioTrack"
        case .decoderMissing: "audio.decoderMissing"
        case .wallClockExceeded: "audio.wallClockExceeded"
        case .cancelled: "audio.cancelled"
        case .io: "audio.io"
        }
    }
}
