package import CoachDomain

/// Speech recognition inside this process: American English, no network, no cost.
///
/// A fixed number of recogniser threads, each with a warm decoder of its own (about 100 MB each, most of it
/// shared pages of the model files). Calls beyond that number wait in order of arrival.
package final class PocketSphinxPool: Sendable {
    /// What the wrapped model can tell. Its dictionary knows "um" and "uh" but its language model seldom
    /// expects them, so a count is a lower bound.
    package static let capabilities = RecognizerCapabilities(
        fillers: .lowerBound, wordTimes: true, wordConfidence: true, languages: ["en"])

    package let modelName: String
    private let line: Line<RecognizerThread>
    private let threads: [RecognizerThread]

    /// - Parameters:
    ///   - model: Shared by all threads.
    ///   - threads: At least 1; more than the machine has cores only adds memory.
    package init(model: PocketSphinxModel, threads count: Int, tuning: PocketSphinxTuning = .init()) {
        modelName = model.name
        threads = (0..<max(1, count)).map { RecognizerThread(number: $0, model: model, tuning: tuning) }
        line = Line(threads)
    }

    /// Loads every decoder now instead of at its first note.
    package func warmUp() async throws(PocketSphinxError) {
        for thread in threads { try await thread.load() }
    }

    /// Recognises 16 kHz mono audio; takes about a sixth of its duration.
    ///
    /// Cancelling the task or reaching the deadline stops the work within about 0.2 s.
    ///
    /// - Parameters:
    ///   - audio: 16 kHz mono, at the speed of speaking.
    ///   - deadline: Also covers the wait for a free thread.
    package func recognize(
        _ audio: PCMAudio, deadline: ContinuousClock.Instant? = nil
    ) async throws(PocketSphinxError) -> Recognition {
        guard let thread = await line.take(before: deadline) else {
            throw Task.isCancelled ? .cancelled : .timedOut
        }
        let result: Result<Recognition, PocketSphinxError>
        do throws(PocketSphinxError) {
            result = .success(try await thread.recognize(audio, deadline: deadline))
        } catch {
            result = .failure(error)
        }
        line.give(back: thread)
        return try result.get()
    }
}
