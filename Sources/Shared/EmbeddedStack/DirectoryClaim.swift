import Foundation

/// The right of this process to run a server in a directory; the kernel takes it back when we die.
struct DirectoryClaim: ~Copyable, Sendable {
    /// Marks a directory as one of ours.
    static let fileName = "owner.lock"

    private let descriptor: Int32

    /// - Throws: ``EmbeddedStackError/inUse(directory:byProcess:)`` while another living process holds it.
    init(directory: String) throws(EmbeddedStackError) {
        let path = "\(directory)/\(Self.fileName)"
        // Close-on-exec: a server that inherited the descriptor would hold the claim after our death.
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw .unusableDirectory(path: directory, reason: String(cString: strerror(errno)))
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            let holder = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
            throw .inUse(
                directory: directory, byProcess: Int32(holder.trimmingCharacters(in: .whitespacesAndNewlines))
            )
        }
        ftruncate(descriptor, 0)
        let text = Array("\(getpid())\n".utf8)
        _ = write(descriptor, text, text.count)
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }
}
