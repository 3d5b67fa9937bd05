import CoachDomain
import Dispatch

/// Runs an actor's jobs on a thread of its own, so that blocking C calls stay off Swift's shared pool.
final class BlockingExecutor: SerialExecutor {
    private let queue: DispatchQueue

    init(label: String) { queue = DispatchQueue(label: label, qos: .userInitiated) }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { unsafe job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}

/// One decoder on one thread. Calls run one after another.
actor RecognizerThread {
    private let executor: BlockingExecutor
    private let model: PocketSphinxModel
    private let tuning: PocketSphinxTuning
    /// Loaded at first use and kept: loading costs more than recognising a short note.
    private var decoder: Decoder?

    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    init(number: Int, model: PocketSphinxModel, tuning: PocketSphinxTuning) {
        executor = BlockingExecutor(label: "coach.pocketsphinx.\(number)")
        self.model = model
        self.tuning = tuning
    }

    func load() throws(PocketSphinxError) {
        if decoder == nil { decoder = try Decoder(model: model, tuning: tuning) }
    }

    func recognize(
        _ audio: PCMAudio, deadline: ContinuousClock.Instant?
    ) throws(PocketSphinxError) -> Recognition {
        try load()
        let samples = try audio.load()
        let recognition = try decoder?.recognize(samples) {
            if Task.isCancelled { return .cancelled }
            if let deadline, ContinuousClock.now >= deadline { return .timedOut }
            return nil
        }
        guard let recognition else { throw .cannotStart }
        return recognition
    }
}
