/// Where Redis is, how to enter, and how long to wait.
///
/// Printing it shows the address without the password.
package struct RedisConfiguration: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    package enum Address: Sendable, Equatable {
        /// A DNS name or IP literal, and a TCP port.
        case tcp(host: String, port: UInt16)
        case unixSocket(path: String)
    }

    package let address: Address
    package let username: String?
    let password: String?
    package let database: Int
    /// Limit for opening a connection, authentication included.
    package var connectTimeout: Duration
    /// Limit for one call, waiting for the connection included.
    package var commandTimeout: Duration
    /// The largest reply accepted, in bytes on the wire.
    package var maximumReplyBytes = 32 << 20
    /// The most commands, and bytes of commands, waiting to be sent or answered.
    package var maximumPendingCommands = 65_536
    package var maximumPendingBytes = 64 << 20

    /// Reads the value of `REDIS_URL`.
    ///
    /// - Parameter uri: `redis://[user:password@]host[:port][/database]`, or a unix socket as
    ///   `unix:///path[?db=number]`, also spelled `redis+unix:`. Reserved characters in the user, the
    ///   password and the path are percent-encoded; an IPv6 address stands in brackets.
    /// - Throws: ``RedisError/invalidConfiguration(reason:)``, which never quotes the password.
    package init(
        uri: String, connectTimeout: Duration = .seconds(2), commandTimeout: Duration = .seconds(5)
    ) throws(RedisError) {
        let parsed = try RedisURI(uri)
        address = parsed.address
        username = parsed.username
        password = parsed.password
        database = parsed.database
        self.connectTimeout = connectTimeout
        self.commandTimeout = commandTimeout
    }

    package var description: String {
        let account = password == nil ? "" : "\(username ?? ""):…@"
        return switch address {
        case .tcp(let host, let port):
            "redis://\(account)\(host.contains(":") ? "[\(host)]" : host):\(port)/\(database)"
        case .unixSocket(let path): "unix://\(account)\(path)?db=\(database)"
        }
    }

    /// `dump` and string interpolation of containers go by the mirror, not by the description.
    package var customMirror: Mirror { Mirror(self, children: ["uri": description]) }
}
