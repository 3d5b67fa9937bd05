/// Counts since a connection's client was made.
package struct RedisStatistics: Sendable, Equatable {
    package var isConnected = false
    package var commandsSent = 0
    package var repliesReceived = 0
    /// Writes to the socket: commands sent together share one.
    package var flushes = 0
    package var connectionsOpened = 0
    package var connectionsLost = 0
    package var failedConnects = 0
    package var timedOutCalls = 0
    /// Commands waiting to be sent or answered right now.
    package var pendingCommands = 0
}
