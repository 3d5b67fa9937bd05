import CLibcurl
import Synchronization

/// The only way into the transfer thread.
@safe
final class Mailbox: Sendable {
    enum Command: Sendable {
        case start(TransferOrder)
        case cancel(TransferTicket.ID)
        case resumeReading(TransferTicket.ID)
        case resumeSending(TransferTicket.ID)
        case shutdown(CheckedContinuation<Void, Never>?)
    }

    private struct State {
        var commands: [Command] = []
        var isOpen = true
    }

    private let state = Mutex(State())
    // `curl_multi_wakeup` is the one multi function that other threads may call, and it is called only under
    // the lock while the mailbox is open; the owner frees the handle after `close()`.
    private nonisolated(unsafe) let multi: UnsafeMutableRawPointer

    init(waking multi: UnsafeMutableRawPointer) {
        unsafe self.multi = unsafe multi
    }

    /// - Returns: False when the thread takes no more commands; the caller keeps its continuation.
    @discardableResult
    func post(_ command: Command) -> Bool {
        state.withLock { state in
            guard state.isOpen else { return false }
            state.commands.append(command)
            unsafe curl_multi_wakeup(multi)
            return true
        }
    }

    func drain() -> [Command] {
        state.withLock { state in
            let commands = state.commands
            state.commands = []
            return commands
        }
    }

    /// Refuses further commands and hands out those not seen yet.
    func close() -> [Command] {
        state.withLock { state in
            state.isOpen = false
            let commands = state.commands
            state.commands = []
            return commands
        }
    }
}
