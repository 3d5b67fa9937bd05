import Foundation

/// What distinguishes one kind of server from another.
protocol ServerRecipe: Sendable {
    /// For messages.
    var name: String { get }
    var directory: ServerDirectory { get }
    var plan: LaunchPlan { get }
    /// Where the server writes its process id, and a part of its command line that only it has.
    var pidFile: String { get }
    var commandLineMark: String { get }
    /// Ends sessions and stops cleanly.
    var politeSignal: Int32 { get }

    /// Makes the directories and the data that a start needs and that are not there yet.
    func prepareData() async throws(EmbeddedStackError)
    /// Whether the server answers.
    func isReady(process: pid_t) throws(EmbeddedStackError) -> Bool
    /// Whether a start that ended with these complaints can succeed a moment later.
    func isPassing(complaints: String) -> Bool
}

/// Starts, stops and restarts one server; at most one of its processes exists at a time.
actor ServerLifecycle {
    private let executor: BlockingExecutor
    private let recipe: any ServerRecipe
    /// Held from the first start to the stop; a killed server's directory stays ours.
    private var claim: DirectoryClaim?
    private var child: ChildProcess?
    /// Between a start and a stop; a server that ends meanwhile has failed.
    private var isWanted = false
    private var isLaunching = false

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(_ recipe: any ServerRecipe) {
        executor = BlockingExecutor(label: "embedded.\(recipe.name)")
        self.recipe = recipe
    }

    deinit {
        child?.send(signal: SIGCONT)
        child?.send(signal: recipe.politeSignal)
    }

    var processIdentifier: pid_t? {
        guard let child, !child.hasExited else { return nil }
        return child.processIdentifier
    }

    /// Starts the server and returns when it answers. Does nothing when it runs already.
    func start(limit: Duration = .seconds(60)) async throws(EmbeddedStackError) {
        await launchEnds()
        if processIdentifier != nil { return }
        isWanted = true
        isLaunching = true
        defer { isLaunching = false }
        do throws(EmbeddedStackError) {
            if claim == nil { claim = try DirectoryClaim(directory: recipe.directory.path) }
            try await launch(deadline: .now + limit)
        } catch {
            child = nil
            release()
            throw error
        }
    }

    /// The actor is free during a launch; whoever would start or stop meanwhile waits here.
    private func launchEnds() async {
        while isLaunching { await Pause.uninterrupted(.milliseconds(5)) }
    }

    private func launch(deadline: ContinuousClock.Instant) async throws(EmbeddedStackError) {
        recipe.directory.trimLog()
        if let orphan = RunningProcess.leftBehind(pidFile: recipe.pidFile, mark: recipe.commandLineMark) {
            await RunningProcess.end(orphan, politely: recipe.politeSignal)
        }
        try await recipe.prepareData()
        while true {
            if RunningProcess.leftBehind(pidFile: recipe.pidFile, mark: recipe.commandLineMark) == nil {
                // The owner died without stopping it: by now the id may be anybody's.
                try? FileManager.default.removeItem(atPath: recipe.pidFile)
            }
            let logStart = recipe.directory.logSize
            let launched = try await ChildProcess.spawn(recipe.plan)
            child = launched
            do throws(EmbeddedStackError) {
                try await waitUntilReady(launched, deadline: deadline)
                return
            } catch {
                await finish(launched, politely: false)
                let complaints = recipe.directory.complaints(since: logStart)
                guard isWanted, recipe.isPassing(complaints: complaints), ContinuousClock.now < deadline
                else {
                    guard case .startFailed(let server, let reason, _) = error else { throw error }
                    throw .startFailed(server: server, reason: reason, log: complaints)
                }
                await Pause.uninterrupted(.milliseconds(100))
            }
        }
    }

    private func waitUntilReady(
        _ launched: ChildProcess, deadline: ContinuousClock.Instant
    ) async throws(EmbeddedStackError) {
        var pause = Duration.milliseconds(4)
        while true {
            let hasExited = launched.hasExited
            let obstacle: String? =
                if !isWanted {
                    "it was stopped meanwhile"
                } else if hasExited {
                    "it ended at once"
                } else if Task.isCancelled {
                    "the start was cancelled"
                } else if ContinuousClock.now > deadline {
                    "it did not answer in time"
                } else {
                    nil
                }
            if let obstacle { throw .startFailed(server: recipe.name, reason: obstacle, log: "") }
            if try recipe.isReady(process: launched.processIdentifier) { return }
            await Pause.uninterrupted(pause)
            pause = min(pause * 2, .milliseconds(50))
        }
    }

    /// Stops the server cleanly, by force after ten seconds. Not cut short by cancellation.
    func stop() async {
        isWanted = false
        await launchEnds()
        if let child { await finish(child, politely: true) }
        child = nil
        release()
    }

    private func release() {
        guard claim != nil else { return }
        recipe.directory.removeDistantSockets()
        claim = nil
    }

    func restart() async throws(EmbeddedStackError) {
        await stop()
        try await start()
    }

    /// Delivers a signal to the server's main process; waits for the end of the whole server after a
    /// signal that ends it at once.
    func send(signal: Int32) async {
        guard let child else { return }
        isWanted = false
        if signal == SIGKILL {
            await finish(child, politely: false)
        } else {
            child.send(signal: signal)
        }
    }

    /// Stops (SIGSTOP) or continues (SIGCONT) every process of the server.
    func freeze(_ frozen: Bool) {
        guard let child, !child.hasExited else { return }
        for member in [child.processIdentifier] + RunningProcess.descendants(of: child.processIdentifier) {
            kill(member, frozen ? SIGSTOP : SIGCONT)
        }
    }

    /// Starts the server again whenever it ends unasked, until the caller's task is cancelled.
    ///
    /// - Parameter report: is told of every such end, and of every start that failed.
    func keepRunning(report: @Sendable (String) -> Void) async {
        while !Task.isCancelled {
            guard isWanted, let child else {
                try? await Task.sleep(for: .milliseconds(200))
                continue
            }
            await child.exited()
            guard !Task.isCancelled, isWanted, self.child === child else { continue }
            report("\(recipe.name) ended unexpectedly and is started again")
            var pause = Duration.milliseconds(200)
            while !Task.isCancelled, isWanted, processIdentifier == nil {
                do throws(EmbeddedStackError) {
                    try await start()
                } catch {
                    report(error.description)
                    try? await Task.sleep(for: pause)
                    pause = min(pause * 2, .seconds(10))
                }
            }
        }
    }

    private func finish(_ child: ChildProcess, politely: Bool) async {
        if child.hasExited { return }
        let members = RunningProcess.descendants(of: child.processIdentifier)
        if politely {
            for member in members { kill(member, SIGCONT) }
            child.send(signal: SIGCONT)
            child.send(signal: recipe.politeSignal)
            if await child.exited(within: .seconds(10)) { return }
        }
        child.send(signal: SIGKILL)
        for member in members { kill(member, SIGKILL) }
        await child.reaped()
        // Survivors keep PostgreSQL's shared memory, and with it the next start, blocked.
        let patience = ContinuousClock.now + .seconds(10)
        while members.contains(where: RunningProcess.isAlive), ContinuousClock.now < patience {
            await Pause.uninterrupted(.milliseconds(5))
        }
    }
}
