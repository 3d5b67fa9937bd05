/// The ledger's number of a job.
package struct JobID: Hashable, Sendable, Codable, CustomStringConvertible {
    package var rawValue: Int64

    package init(_ rawValue: Int64) { self.rawValue = rawValue }

    package var description: String { String(rawValue) }
}

/// The ledger's number of a voice message; the one id that follows a note from webhook to reply.
package struct NoteID: Hashable, Sendable, Codable, CustomStringConvertible {
    package var rawValue: Int64

    package init(_ rawValue: Int64) { self.rawValue = rawValue }

    package var description: String { String(rawValue) }
}

/// What a job does.
package enum JobStage: String, Hashable, Sendable, Codable, CaseIterable {
    /// Audio to words and measures.
    case transcribe
    /// Words and measures to the stored answer.
    case coach
    /// The stored answer to the user.
    case deliver
    /// A person's request to its answer.
    case converse

    /// The Redis stream that carries this stage's hints.
    package var stream: String { "speech:\(rawValue)" }
}

/// Where a job stands in the ledger.
package enum JobState: String, Hashable, Sendable, Codable, CaseIterable {
    case ready, leased, retrying, succeeded, dead, cancelled

    /// No event but an operator's leads out of it.
    package var isTerminal: Bool {
        switch self {
        case .succeeded, .dead, .cancelled: true
        case .ready, .leased, .retrying: false
        }
    }
}

/// Why a stage could not finish, without a word of what was said.
package struct JobFailure: Error, Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// The same job may succeed later.
        case transient
        /// The other side named a time to wait; no attempt is spent.
        case throttled(retryAfter: Duration)
        /// The same job can never succeed as it is.
        case permanent
    }

    package var kind: Kind
    /// Stable, dotted, for filters and dashboards: `audio.not-audio`, `telegram.file-gone`.
    package var code: String
    /// One sentence for the operator; no secret, no URL, no speech.
    package var detail: String
    /// What the speaker is told if this ends the job.
    package var advice: UserAdvice

    package init(_ kind: Kind, code: String, detail: String, advice: UserAdvice = .internalTrouble) {
        self.kind = kind
        self.code = code
        self.detail = detail
        self.advice = advice
    }
}

/// Why a note got no coaching, in terms that the speaker can act on.
package enum UserAdvice: String, Hashable, Sendable, Codable, CaseIterable {
    case noSpeech, tooLarge, tooLong, tooShort, notAudio, damaged, fileUnavailable, internalTrouble,
        overQuota,
        cancelled
}
