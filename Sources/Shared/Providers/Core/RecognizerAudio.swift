package import CoachDomain

/// How audio is packed.
package enum AudioEncoding: String, Hashable, Sendable, Codable {
    /// Headerless little-endian 16-bit samples, 16 kHz mono; for recognisers in this process.
    case pcm16
    case flac
    case oggOpus
    case wav

    /// A name that every vendor accepts; several judge by the extension, and none knows `.oga`.
    package var filename: String {
        switch self {
        case .pcm16: "audio.raw"
        case .flac: "audio.flac"
        case .oggOpus: "audio.ogg"
        case .wav: "audio.wav"
        }
    }

    package var contentType: String {
        switch self {
        case .pcm16: "application/octet-stream"
        case .flac: "audio/flac"
        case .oggOpus: "audio/ogg"
        case .wav: "audio/wav"
        }
    }
}

/// The form in which a recogniser wants its audio. Equal requirements can share one preparation.
package struct AudioRequirement: Hashable, Sendable {
    /// In order of preference, never empty.
    package var encodings: [AudioEncoding]
    /// Whether speeding up saves money or time; false asks for the speed of speaking.
    package var mayBeSpedUp: Bool
    /// What one request may carry.
    package var maximumPartBytes: Int?
    package var maximumPartSeconds: Double?
    /// Audio is billed as at least this long, so shrinking below it saves nothing.
    package var minimumBilledSeconds: Double

    package init(
        encodings: [AudioEncoding], mayBeSpedUp: Bool = true, maximumPartBytes: Int? = nil,
        maximumPartSeconds: Double? = nil, minimumBilledSeconds: Double = 0
    ) {
        self.encodings = encodings
        self.mayBeSpedUp = mayBeSpedUp
        self.maximumPartBytes = maximumPartBytes
        self.maximumPartSeconds = maximumPartSeconds
        self.minimumBilledSeconds = minimumBilledSeconds
    }
}

/// Audio in the form that a recogniser asked for.
package struct RecognizerAudio: Sendable {
    package enum Content: Sendable {
        case bytes([UInt8])
        /// `owner` keeps a temporary file alive as long as this value lives.
        case file(path: String, owner: (any Sendable)?)
    }

    /// One request's worth.
    package struct Part: Sendable {
        package var content: Content
        /// Where it lies on the upload clock, seconds.
        package var span: TimeSpan

        package init(content: Content, span: TimeSpan) {
            self.content = content
            self.span = span
        }
    }

    package var encoding: AudioEncoding
    /// In order of time, never empty.
    package var parts: [Part]
    /// From the upload clock back to the original's.
    package var timeline: Timeline

    package init(encoding: AudioEncoding, parts: [Part], timeline: Timeline) {
        self.encoding = encoding
        self.parts = parts
        self.timeline = timeline
    }

    /// Length of the upload.
    package var seconds: Double { parts.last?.span.end ?? 0 }
}

/// Prepares audio when it is known who will hear it.
///
/// A chain asks once per attempt; an implementation keeps what it made, so that a second recogniser with
/// equal requirements costs nothing.
package protocol AudioSupply: Sendable {
    /// - Parameter link: How fast audio travels to the recogniser, as far as known; decides among its encodings.
    /// - Throws: Whatever makes the note unusable for every recogniser; the chain stops at once.
    func audio(for requirement: AudioRequirement, link: LinkSpeed?) async throws -> RecognizerAudio
}
