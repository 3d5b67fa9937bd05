import Synchronization

/// The process's log output, kept for the C exit handler, which can carry no context of its own.
enum InstalledOutput {
    static let current = Mutex<LogOutput?>(nil)
}
