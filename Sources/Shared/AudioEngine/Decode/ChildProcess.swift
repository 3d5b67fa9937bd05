import CLinux
import Glibc

/// Finds programs the way a shell does.
enum ExecutablePath {
    /// The first executable file of that name in `PATH`; `nil` when there is none.
    static func find(_ name: String) -> String? {
        let path = unsafe getenv("PATH").map { unsafe String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin"
        return path.split(separator: ":").map { "\($0)/\(name)" }.first { unsafe access($0, X_OK) == 0 }
    }
}

/// A child program with one readable input file, its standard output on a pipe, and hard limits.
///
/// Killed and reaped when the object goes, so that a cancelled preparation leaves no process behind.
final class ChildProcess {
    struct Limits {
        var memoryBytes: UInt64
        var processorSeconds: UInt64
    }

    struct Outcome {
        var isSuccess: Bool
        /// The beginning of what it wrote to standard error; never logged, it may name files.
        var complaint: String
    }

    /// The number under which the child finds its input open.
    static let inputDescriptor: Int32 = 3

    private let pid: pid_t
    private let output: FileDescriptor
    private let errors: FileDescriptor
    private var isReaped = false

    /// - Parameter inputNumber: Where the child finds its input; 0 is its standard input.
    init(
        program: String, arguments: [String], input: borrowing FileDescriptor,
        inputNumber: Int32 = inputDescriptor, limits: Limits
    ) throws(AudioError) {
        let outputPipe = try Pipe()
        let errorPipe = try Pipe()
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe _ = posix_spawn_file_actions_destroy(&actions) }
        unsafe "/dev/null".withCString {
            unsafe _ = posix_spawn_file_actions_addopen(&actions, 0, $0, O_RDONLY, 0)
        }
        unsafe posix_spawn_file_actions_adddup2(&actions, outputPipe.write.raw, 1)
        unsafe posix_spawn_file_actions_adddup2(&actions, errorPipe.write.raw, 2)
        // Via a number well above: when the input already is descriptor 3, duplicating it onto itself
        // would leave its close-on-exec flag set.
        unsafe posix_spawn_file_actions_adddup2(&actions, input.raw, 200)
        unsafe posix_spawn_file_actions_adddup2(&actions, 200, inputNumber)
        unsafe posix_spawn_file_actions_addclose(&actions, 200)
        var child: pid_t = 0
        let status = unsafe Self.withCStrings(arguments) { argv in
            unsafe Self.withCStrings(["LC_ALL=C", "AV_LOG_FORCE_NOCOLOR=1"]) { environment in
                unsafe posix_spawn(&child, program, &actions, nil, argv, environment)
            }
        }
        guard status == 0 else { throw .io(operation: "start decoder", errno: status) }
        pid = child
        output = outputPipe.read
        errors = errorPipe.read
        Self.limit(child, limits)
    }

    deinit {
        guard !isReaped else { return }
        kill(pid, SIGKILL)
        var status: Int32 = 0
        unsafe waitpid(pid, &status, 0)
    }

    /// Waits for output, at most as long as `control` allows; 0 at its end.
    func read(into buffer: inout [UInt8], control: RunControl) throws(AudioError) -> Int {
        while true {
            try control.check()
            var waiting = pollfd(fd: output.raw, events: Int16(POLLIN), revents: 0)
            let ready = unsafe poll(&waiting, 1, 50)
            if ready < 0, errno != EINTR { throw .io(operation: "read decoder", errno: errno) }
            guard ready > 0 else { continue }
            let count = unsafe buffer.withUnsafeMutableBytes { room in
                unsafe Glibc.read(output.raw, room.baseAddress, room.count)
            }
            if count >= 0 { return count }
            if errno != EINTR { throw .io(operation: "read decoder", errno: errno) }
        }
    }

    /// Reaps the child after its output has ended.
    func wait() -> Outcome {
        var complaint = [UInt8](repeating: 0, count: 2_048)
        // Its standard error is closed with its output or soon after; one bounded wait for it is enough.
        var waiting = pollfd(fd: errors.raw, events: Int16(POLLIN), revents: 0)
        var count = 0
        if unsafe poll(&waiting, 1, 500) > 0 {
            count = unsafe complaint.withUnsafeMutableBytes { room in
                unsafe Glibc.read(errors.raw, room.baseAddress, room.count)
            }
        }
        var status: Int32 = 0
        for _ in 0..<100 {
            if unsafe waitpid(pid, &status, WNOHANG) != 0 {
                isReaped = true
                break
            }
            usleep(10_000)
        }
        return Outcome(
            isSuccess: isReaped && status == 0,
            complaint: String(decoding: complaint.prefix(max(0, count)), as: UTF8.self))
    }

    private struct Pipe: ~Copyable {
        let read: FileDescriptor
        let write: FileDescriptor

        init() throws(AudioError) {
            var ends: [Int32] = [0, 0]
            guard unsafe coach_pipe_cloexec(&ends) == 0 else { throw .io(operation: "pipe", errno: errno) }
            read = FileDescriptor(adopting: ends[0])
            write = FileDescriptor(adopting: ends[1])
        }
    }

    /// `posix_spawn` cannot set limits, so they follow at once, long before the program reads a byte
    /// of the note.
    private static func limit(_ child: pid_t, _ limits: Limits) {
        let wanted: [(__rlimit_resource, UInt64)] = [
            (RLIMIT_AS, limits.memoryBytes), (RLIMIT_CPU, limits.processorSeconds), (RLIMIT_FSIZE, 0),
            (RLIMIT_CORE, 0), (RLIMIT_NOFILE, 32),
        ]
        for (resource, value) in wanted { _ = coach_limit(child, Int32(resource.rawValue), value) }
    }

    /// Calls `body` with a null-terminated array of C strings.
    private static func withCStrings(
        _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Int32
    ) -> Int32 {
        var pointers = unsafe strings.map { unsafe strdup($0) } + [nil]
        defer { unsafe pointers.forEach { unsafe free($0) } }
        return unsafe pointers.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return EINVAL }
            return unsafe body(UnsafePointer(base))
        }
    }
}
