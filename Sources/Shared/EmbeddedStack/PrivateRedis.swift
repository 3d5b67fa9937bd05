package import Foundation

/// A Redis server of our own, from the system's packages.
///
/// It listens on a unix socket in a directory that only our account can enter, keeps an append-only
/// file synced every second, and dies with this process.
package final class PrivateRedis: Sendable {
    /// `unix:///directory/redis.sock`, percent-encoded where a path needs it; for `REDIS_URL`.
    package let uri: String
    /// `redis://127.0.0.1:port`, when asked for.
    package let loopbackURI: String?
    package let loopbackPort: UInt16?
    /// Worth telling the operator, such as data kept somewhere else than asked for.
    package let notes: [String]
    package let logFile: URL
    private let lifecycle: ServerLifecycle

    /// Starts a server on `dataDirectory`, loading the data that is there.
    ///
    /// A server left behind by a dead process is stopped first.
    ///
    /// - Parameters:
    ///   - dataDirectory: holds the data, the log and, if its path is short enough, the socket.
    ///   - ephemeral: keeps nothing on disk; for tests only.
    ///   - listening: the unix socket alone, or a loopback TCP port as well.
    ///   - settings: lines of `redis.conf` that override ours.
    /// - Throws: ``EmbeddedStackError``; nothing is left running.
    package static func start(
        dataDirectory: URL, ephemeral: Bool = false, listening: ServerListening = .unixSocketOnly,
        settings: [String: String] = [:]
    ) async throws(EmbeddedStackError) -> PrivateRedis {
        try await Preparation().redis(
            dataDirectory: dataDirectory, ephemeral: ephemeral, listening: listening, settings: settings)
    }

    init(recipe: RedisRecipe) async throws(EmbeddedStackError) {
        lifecycle = ServerLifecycle(recipe)
        uri = recipe.uri
        loopbackPort = recipe.loopbackPort
        loopbackURI = recipe.loopbackPort.map { "redis://127.0.0.1:\($0)" }
        notes = recipe.directory.note.map { [$0] } ?? []
        logFile = URL(filePath: recipe.directory.log)
        try await lifecycle.start()
    }

    /// The server's process; nil while it does not run.
    package var processIdentifier: Int32? {
        get async { await lifecycle.processIdentifier }
    }

    /// Stops cleanly, syncing the append-only file. Returns when the server is gone, after ten seconds
    /// by force.
    package func stop() async { await lifecycle.stop() }

    /// Starts again after ``stop()`` or ``kill(signal:)``; does nothing while the server runs.
    package func startAgain() async throws(EmbeddedStackError) { try await lifecycle.start() }

    package func restart() async throws(EmbeddedStackError) { try await lifecycle.restart() }

    /// Signals the server; after SIGKILL, returns when it is gone.
    package func kill(signal: Int32) async { await lifecycle.send(signal: signal) }

    /// Stops the server in its tracks, until ``thaw()``: connections stay open, nothing answers.
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
