import Foundation
import Synchronization

/// What to run, and as whom.
struct LaunchPlan: Sendable {
    var executable: String
    var arguments: [String]
    var workingDirectory: String
    /// Standard output and error are appended here.
    var logFile: String
    var account: ServerAccount
    /// Sent by the kernel when this process dies, however it dies.
    var signalWhenOrphaned: Int32
}

/// A child that cannot outlive us.
///
/// The kernel binds a parent-death signal to the *thread* that created the child, not to the process.
/// So each child has a thread of its own, which spawns it and then does nothing but wait for it: the
/// thread lives exactly as long as the child.
final class ChildProcess: Sendable {
    private struct State {
        var hasExited = false
        var status: Int32 = 0
        var waiters: [UUID: CheckedContinuation<Void, Never>] = [:]
    }

    let processIdentifier: pid_t
    private let state = Mutex(State())

    private init(processIdentifier: pid_t) {
        self.processIdentifier = processIdentifier
    }

    static func spawn(_ plan: LaunchPlan) async throws(EmbeddedStackError) -> ChildProcess {
        let wrapped = try WrappedCommand(plan)
        let outcome: Result<ChildProcess, EmbeddedStackError> = await withCheckedContinuation { started in
            Thread.detachNewThread {
                var pid: pid_t = 0
                let code = wrapped.spawn(into: &pid)
                guard code == 0 else {
                    started.resume(
                        returning: .failure(.launchFailed(program: plan.executable, errno: code)))
                    return
                }
                let child = ChildProcess(processIdentifier: pid)
                started.resume(returning: .success(child))
                child.waitUntilReaped()
            }
        }
        return try outcome.get()
    }

    var hasExited: Bool { state.withLock { $0.hasExited } }

    /// Whether the child ended by itself with code 0.
    var succeeded: Bool { state.withLock { $0.hasExited && $0.status == 0 } }

    /// Sends a signal unless the child was reaped; a reused process id is never hit.
    func send(signal: Int32) {
        state.withLock { state in
            if !state.hasExited { _ = kill(processIdentifier, signal) }
        }
    }

    /// Returns when the child has been reaped, or when the caller's task is cancelled.
    func exited() async {
        let ticket = UUID()
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                let mustWait = state.withLock { state in
                    if state.hasExited || Task.isCancelled { return false }
                    state.waiters[ticket] = waiter
                    return true
                }
                if !mustWait { waiter.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: ticket) }?.resume()
        }
    }

    /// Returns when the child has been reaped, whatever happens to the caller's task.
    func reaped() async {
        while !hasExited { _ = await exited(within: .seconds(60)) }
    }

    /// Waits for the end, at most for `limit`. Says whether the child has ended.
    func exited(within limit: Duration) async -> Bool {
        let clock = ContinuousClock()
        let deadline = clock.now + limit
        var pause = Duration.milliseconds(2)
        while !hasExited, clock.now < deadline {
            // Stopping a server must go on when the caller was cancelled: plain sleep would not wait.
            await Pause.uninterrupted(pause)
            pause = min(pause * 2, .milliseconds(50))
        }
        return hasExited
    }

    private func waitUntilReaped() {
        var info = siginfo_t()
        // WNOWAIT leaves the zombie in place, so its id cannot be reused before the flag is set.
        while waitid(P_PID, id_t(processIdentifier), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        let waiters = state.withLock { state in
            while waitpid(processIdentifier, &state.status, 0) < 0, errno == EINTR {}
            state.hasExited = true
            defer { state.waiters = [:] }
            return state.waiters
        }
        for waiter in waiters.values { waiter.resume() }
    }
}

/// The full command line: account change, parent-death signal, then the server.
private struct WrappedCommand: Sendable {
    private let arguments: [String]
    private let environment: [String]
    private let workingDirectory: String
    private let logFile: String

    /// `setpriv` asks for the parent-death signal after the account change, which would clear it. The
    /// shell then closes the gap before that: when we died in between, the parent is somebody else.
    init(_ plan: LaunchPlan) throws(EmbeddedStackError) {
        guard let setpriv = ProgramLocator.program("setpriv") else {
            throw .missingProgram(name: "setpriv", mend: "apt-get install util-linux")
        }
        let guardScript = #"[ "$PPID" = "$0" ] || exit 71; umask 077; cd "$1" && shift && exec "$@""#
        let signalName = plan.signalWhenOrphaned == SIGINT ? "INT" : "TERM"
        arguments =
            [setpriv] + plan.account.privilegeArguments + ["--pdeathsig", signalName]
            + ["/bin/sh", "-c", guardScript, String(getpid()), plan.workingDirectory, plan.executable]
            + plan.arguments
        // A minimal environment: the servers must not inherit tokens, nor PG* settings that change them.
        environment = ["PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", "TZ=UTC"]
        workingDirectory = plan.workingDirectory
        logFile = plan.logFile
    }

    func spawn(into pid: inout pid_t) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, logFile, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        let open = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        for descriptor in open.compactMap({ Int32($0) }) where descriptor > 2 {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A group of its own keeps Ctrl-C in a terminal from stopping the server before our own drain;
        // default dispositions undo the SIG_IGN that signal sources leave behind.
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        posix_spawnattr_setpgroup(&attributes, 0)
        var everySignal = sigset_t()
        sigfillset(&everySignal)
        posix_spawnattr_setsigdefault(&attributes, &everySignal)
        var noSignal = sigset_t()
        sigemptyset(&noSignal)
        posix_spawnattr_setsigmask(&attributes, &noSignal)

        var argv = arguments.map { strdup($0) } + [nil]
        var envp = environment.map { strdup($0) } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }
        return posix_spawn(&pid, arguments[0], &actions, &attributes, &argv, &envp)
    }
}
