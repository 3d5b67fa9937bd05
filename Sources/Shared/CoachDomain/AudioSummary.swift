/// What preparation did to a note: the stored and printed part, without the audio itself.
package struct AudioSummary: Hashable, Sendable, Codable {
    /// Length of the note as decoded.
    package var originalSeconds: Double
    /// Seconds of speech found in it.
    package var speechSeconds: Double
    /// Length of what the recogniser receives.
    package var uploadSeconds: Double
    package var uploadBytes: Int
    /// Of the upload.
    package var sampleRateHz: Int
    /// 1 means "as spoken".
    package var speed: Double
    /// Why this speed was chosen, in one phrase.
    package var speedReason: String
    package var pipelineVersion: String
    /// The note was damaged or cut off; times after the damage are unsure.
    package var isPartial: Bool
    package var timeline: [Timeline.Segment]
    /// How the upload was packed, for example `flac`; absent in rows of before it was kept.
    package var encoding: String?
    /// Why so, in one phrase.
    package var encodingReason: String?

    package init(
        originalSeconds: Double, speechSeconds: Double, uploadSeconds: Double, uploadBytes: Int,
        sampleRateHz: Int, speed: Double, speedReason: String, pipelineVersion: String, isPartial: Bool,
        timeline: [Timeline.Segment], encoding: String? = nil, encodingReason: String? = nil
    ) {
        self.originalSeconds = originalSeconds
        self.speechSeconds = speechSeconds
        self.uploadSeconds = uploadSeconds
        self.uploadBytes = uploadBytes
        self.sampleRateHz = sampleRateHz
        self.speed = speed
        self.speedReason = speedReason
        self.pipelineVersion = pipelineVersion
        self.isPartial = isPartial
        self.timeline = timeline
        self.encoding = encoding
        self.encodingReason = encodingReason
    }
}

/// One call to a provider that may cost money.
package struct ProviderCall: Hashable, Sendable, Codable {
    package enum Operation: String, Hashable, Sendable, Codable { case speech, coaching, voice }

    package enum Outcome: String, Hashable, Sendable, Codable {
        case success
        /// Failed, and the vendor bills it or may bill it.
        case failedBilled
        /// Failed before the vendor did any work.
        case failedFree
    }

    package var provider: String
    package var model: String
    package var operation: Operation
    /// Quantities by unit, for example `audio_second: 12`, `input_token: 900`.
    package var units: [String: Double]
    /// Frozen at the price of the moment; integer micro-USD so that sums are exact.
    package var costMicroUSD: Int64
    package var priceVersion: String
    package var latencySeconds: Double
    package var outcome: Outcome
    /// Failure class when it failed, for example `rateLimited`.
    package var failure: String?
    /// The money that was set aside for it; the same call is booked once however often it is reported.
    package var reservation: Int64?

    package init(
        provider: String, model: String, operation: Operation, units: [String: Double], costMicroUSD: Int64,
        priceVersion: String, latencySeconds: Double, outcome: Outcome, failure: String? = nil,
        reservation: Int64? = nil
    ) {
        self.provider = provider
        self.model = model
        self.operation = operation
        self.units = units
        self.costMicroUSD = costMicroUSD
        self.priceVersion = priceVersion
        self.latencySeconds = latencySeconds
        self.outcome = outcome
        self.failure = failure
        self.reservation = reservation
    }
}
