package import Foundation

/// A PostgreSQL server of our own, from the system's packages.
///
/// It listens on a unix socket in a directory that only its account can enter, and dies with this
/// process. As root it runs under the account `postgres`, or under the owner of existing data.
package final class PrivatePostgres: Sendable {
    /// A libpq URI (for `DATABASE_URL`) over the unix socket; the same after every restart.
    package let uri: String
    /// The same database over 127.0.0.1, when asked for.
    package let loopbackURI: String?
    package let loopbackPort: UInt16?
    /// Worth telling the operator, such as data kept somewhere else than asked for.
    package let notes: [String]
    package let logFile: URL
    private let lifecycle: ServerLifecycle

    /// Starts a server on `dataDirectory`, making the data when there is none yet.
    ///
    /// A server left behind by a dead process is stopped first.
    ///
    /// - Parameters:
    ///   - dataDirectory: holds the data, the log and, if its path is short enough, the socket.
    ///   - ephemeral: gives up durability for speed; for tests only.
    ///   - listening: the unix socket alone, or a loopback TCP port as well.
    ///   - settings: server settings that override ours.
    /// - Throws: ``EmbeddedStackError``; nothing is left running.
    package static func start(
        dataDirectory: URL, ephemeral: Bool = false, listening: ServerListening = .unixSocketOnly,
        settings: [String: String] = [:]
    ) async throws(EmbeddedStackError) -> PrivatePostgres {
        try await Preparation().postgres(
            dataDirectory: dataDirectory, ephemeral: ephemeral, listening: listening, settings: settings)
    }

    init(recipe: PostgresRecipe) async throws(EmbeddedStackError) {
        lifecycle = ServerLifecycle(recipe)
        uri = recipe.uri
        loopbackPort = recipe.loopbackPort
        loopbackURI = recipe.loopbackPort.map { "postgresql://postgres@127.0.0.1:\($0)/postgres" }
        notes = recipe.directory.note.map { [$0] } ?? []
        logFile = URL(filePath: recipe.directory.log)
        try await lifecycle.start()
    }

    /// The main process; nil while the server does not run.
    package var processIdentifier: Int32? {
        get async { await lifecycle.processIdentifier }
    }

    /// Fast shutdown: sessions are ended, transactions rolled back, a checkpoint is written. Returns
    /// when the server is gone, after ten seconds by force.
    package func stop() async { await lifecycle.stop() }

    /// Starts again after ``stop()`` or ``kill(signal:)``; does nothing while the server runs.
    package func startAgain() async throws(EmbeddedStackError) { try await lifecycle.start() }

    package func restart() async throws(EmbeddedStackError) { try await lifecycle.restart() }

    /// Signals the main process. SIGKILL takes the whole server, like a power cut, and returns when it
    /// is gone; SIGQUIT is PostgreSQL's immediate shutdown.
    package func kill(signal: Int32) async { await lifecycle.send(signal: signal) }

    /// Stops every process of the server in its tracks, until ``thaw()``.
    package func freeze() async { await lifecycle.freeze(true) }

    package func thaw() async { await lifecycle.freeze(false) }

    /// Starts the server again whenever it ends without ``stop()`` or ``kill(signal:)``. Runs until the task is
    /// cancelled, and leaves the server running then.
    ///
    /// - Parameter report: is told of every such end, in words for the operator.
    package func keepRunning(report: @Sendable (String) -> Void) async {
        await lifecycle.keepRunning(report: report)
    }
}
