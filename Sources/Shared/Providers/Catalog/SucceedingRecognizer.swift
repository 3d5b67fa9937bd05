import CoachDomain
package import Foundation

/// A recogniser until its vendor takes its model away, and the successor that the vendor names from that day on.
///
/// Nobody has to be at a keyboard on that day: what the report can measure changes with the model, and the
/// descriptor says so.
package struct SucceedingRecognizer: SpeechRecognizer {
    private let current: any SpeechRecognizer
    private let successor: any SpeechRecognizer
    private let date: Date
    private let now: @Sendable () -> Date

    /// - Parameter date: The first day on which the current one is gone.
    package init(
        _ current: any SpeechRecognizer, successor: any SpeechRecognizer, from date: Date,
        now: @escaping @Sendable () -> Date = { .now }
    ) {
        self.current = current
        self.successor = successor
        self.date = date
        self.now = now
    }

    private var present: any SpeechRecognizer { now() < date ? current : successor }

    package var descriptor: RecognizerDescriptor { present.descriptor }
    package var uplink: LinkSpeed? { present.uplink }

    package func transcribe(
        _ audio: RecognizerAudio, context: CallContext
    ) async throws(ProviderError) -> ProviderTranscript {
        try await present.transcribe(audio, context: context)
    }

    package func check(deadline: ContinuousClock.Instant) async throws(ProviderError) {
        try await present.check(deadline: deadline)
    }
}
