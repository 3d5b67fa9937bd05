/// A failure of the recogniser in this process. Nothing is ever billed.
package enum PocketSphinxError: Error, Equatable, Sendable {
    /// A model file is missing; `path` is where it was looked for.
    case modelMissing(path: String)
    /// The library refused the model or ran out of memory.
    case cannotStart
    /// The file with the samples cannot be read.
    case audioUnreadable
    /// The library gave up on this audio.
    case decodingFailed
    /// The deadline came first.
    case timedOut
    case cancelled

    /// Whether the same audio can be expected to succeed later, all by itself.
    package var isTransient: Bool { self == .timedOut }
}

extension PocketSphinxError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .modelMissing(let path):
            "no PocketSphinx model at \(path): install the Debian package pocketsphinx-en-us"
        case .cannotStart: "PocketSphinx could not load its model"
        case .audioUnreadable: "the audio for PocketSphinx cannot be read"
        case .decodingFailed: "PocketSphinx could not decode the audio"
        case .timedOut: "recognition did not finish in time"
        case .cancelled: "recognition was cancelled"
        }
    }
}
