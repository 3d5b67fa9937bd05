import Foundation
import Synchronization

/// One line on a terminal that says how far a long piece of work is; silent when nobody watches.
final class ProgressLine: Sendable {
    private let label: String
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let state = Mutex((percent: -1, start: ContinuousClock.now))

    init(_ label: String) { self.label = label }

    /// - Parameter share: 0…1.
    func show(_ share: Double) {
        guard isTerminal else { return }
        let percent = Int((min(max(share, 0), 1) * 100).rounded())
        let isDue = state.withLock { state in
            // Short work shows nothing: it would only flicker.
            guard percent != state.percent, .now - state.start > .milliseconds(300) else { return false }
            state.percent = percent
            return true
        }
        if isDue { Output.note("\r\(label) \(percent) %", newline: false) }
    }

    func finish() {
        let wasShown = state.withLock { $0.percent >= 0 }
        if wasShown {
            Output.note("\r" + String(repeating: " ", count: label.count + 6) + "\r", newline: false)
        }
    }
}
