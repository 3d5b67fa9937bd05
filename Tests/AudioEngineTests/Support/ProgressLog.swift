import Synchronization

/// Progress reports in the order of their arrival.
final class ProgressLog: Sendable {
    private let log = Mutex<[Double]>([])

    func add(_ share: Double) { log.withLock { $0.append(share) } }

    var values: [Double] { log.withLock { $0 } }
}
