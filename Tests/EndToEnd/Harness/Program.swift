import Foundation
import Synchronization

/// One process of the program under test. It cannot outlive the tests, however those end.
final class Program: Sendable {
    enum End: Hashable, Sendable {
        case code(Int32)
        case signal(Int32)
    }

    struct LaunchFailed: Error {
        var program: String
        var errno: Int32
    }

    /// The process did not do in time what it was expected to do.
    struct TooSlow: Error, CustomStringConvertible {
        var description: String
    }

    private struct State {
        var end: End?
        var waiters: [AsyncStream<Void>.Continuation] = []
    }

    let name: String
    let processIdentifier: pid_t
    /// Standard output and standard error, each in a file of its own.
    let outputFile: URL
    let errorFile: URL
    private let state = Mutex(State())

    private init(name: String, processIdentifier: pid_t, outputFile: URL, errorFile: URL) {
        self.name = name
        self.processIdentifier = processIdentifier
        self.outputFile = outputFile
        self.errorFile = errorFile
    }

    /// Starts the program; returns as soon as the process exists.
    ///
    /// The kernel binds a parent-death signal to the thread that made the child, so the child gets a thread of
    /// its own that waits for it and does nothing else.
    ///
    /// - Parameters:
    ///   - name: For file names and messages; unique within `directory`.
    ///   - environment: The whole of it, except `PATH`, `HOME`, `LANG` and `TMPDIR`.
    ///   - directory: Working directory, and home of the output files.
    static func start(
        _ arguments: [String], name: String, environment: [String: String], directory: URL
    ) async throws -> Program {
        let binary = try Binary.path()
        let outputFile = directory.appending(path: "\(name).out")
        let errorFile = directory.appending(path: "\(name).err")
        // The signal is armed after the fork: when the tests died in between, the parent is somebody else.
        let guardScript = #"[ "$PPID" = "$0" ] || exit 71; cd "$1" && shift && exec "$@""#
        let launch = Launch(
            arguments: [
                "/usr/bin/setpriv", "--pdeathsig", "KILL", "/bin/sh", "-c", guardScript, "\(getpid())",
                directory.path,
                binary,
            ] + arguments,
            environment: Self.base.merging(environment) { _, own in own },
            outputFile: outputFile.path, errorFile: errorFile.path)
        let (stream, started) = AsyncStream<Result<Program, LaunchFailed>>.makeStream()
        let thread = Thread {
            var identifier: pid_t = 0
            let code = launch.spawn(into: &identifier)
            guard code == 0 else {
                started.yield(.failure(LaunchFailed(program: binary, errno: code)))
                return
            }
            let program = Program(
                name: name, processIdentifier: identifier, outputFile: outputFile, errorFile: errorFile)
            started.yield(.success(program))
            program.reap()
        }
        thread.start()
        for await result in stream { return try result.get() }
        throw CancellationError()
    }

    private static var base: [String: String] {
        let own = ProcessInfo.processInfo.environment
        return [
            "PATH": own["PATH"] ?? "/usr/bin:/bin", "HOME": own["HOME"] ?? "/", "LANG": "C.UTF-8",
            "TMPDIR": FileManager.default.temporaryDirectory.path,
        ]
    }

    // MARK: Control

    var end: End? { state.withLock { $0.end } }
    var isRunning: Bool { end == nil }

    /// A reused process id is never hit.
    func send(_ signal: Int32) {
        state.withLock { state in
            if state.end == nil { kill(processIdentifier, signal) }
        }
    }

    /// Waits for the process to end by itself.
    func ended(within limit: Duration) async throws -> End {
        if let end = await waitForEnd(limit) { return end }
        throw TooSlow(description: "\(name) did not end within \(limit)\n\(tail)")
    }

    /// Ends the process at once.
    func destroy() async {
        send(SIGKILL)
        _ = await waitForEnd(.seconds(10))
    }

    private func waitForEnd(_ limit: Duration) async -> End? {
        let (stream, signal) = AsyncStream<Void>.makeStream()
        state.withLock { state in
            if state.end == nil { state.waiters.append(signal) } else { signal.finish() }
        }
        let timer = Task {
            try await Task.sleep(for: limit)
            signal.finish()
        }
        for await _ in stream {}
        timer.cancel()
        return end
    }

    private func reap() {
        var info = siginfo_t()
        // WNOWAIT leaves the zombie in place, so that its id is not reused before the end is written down.
        while waitid(P_PID, id_t(processIdentifier), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        state.withLock { state in
            var status: Int32 = 0
            while waitpid(processIdentifier, &status, 0) < 0, errno == EINTR {}
            let signal = status & 0x7f
            state.end = signal == 0 ? .code((status >> 8) & 0xff) : .signal(signal)
            for waiter in state.waiters { waiter.finish() }
            state.waiters = []
        }
    }

    // MARK: Evidence

    var output: String { Self.read(outputFile) }
    var errors: String { Self.read(errorFile) }

    /// What to look at when something went wrong.
    var tail: String {
        let lines = errors.split(separator: "\n").suffix(15).joined(separator: "\n")
        return "--- \(name), standard error, last lines:\n\(lines)"
    }

    private static func read(_ file: URL) -> String {
        String(decoding: FileManager.default.contents(atPath: file.path) ?? Data(), as: UTF8.self)
    }
}

/// Everything that `posix_spawn` needs.
private struct Launch: Sendable {
    var arguments: [String]
    var environment: [String: String]
    var outputFile: String
    var errorFile: String

    func spawn(into identifier: inout pid_t) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let writing = O_WRONLY | O_CREAT | O_APPEND
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, outputFile, writing, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, errorFile, writing, 0o600)
        let open = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        for descriptor in open.compactMap({ Int32($0) }) where descriptor > 2 {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        posix_spawnattr_setpgroup(&attributes, 0)
        var signals = sigset_t()
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)

        var argv = arguments.map { strdup($0) } + [nil]
        var envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }
        return posix_spawn(&identifier, arguments[0], &actions, &attributes, &argv, &envp)
    }
}
