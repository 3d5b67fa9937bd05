import Foundation

/// The parts of a `REDIS_URL`.
struct RedisURI {
    let address: RedisConfiguration.Address
    let username: String?
    let password: String?
    let database: Int

    init(_ text: String) throws(RedisError) {
        guard let schemeEnd = text.range(of: "://") else {
            throw Self.invalid("it must start with redis:// or unix://")
        }
        let scheme = text[..<schemeEnd.lowerBound].lowercased()
        var rest = text[schemeEnd.upperBound...]
        let query = rest.firstIndex(of: "?").map { rest[rest.index(after: $0)...] }
        if let mark = rest.firstIndex(of: "?") { rest = rest[..<mark] }
        guard !rest.contains("#") else { throw Self.invalid("# must be written as %23") }

        // The last @: one in an unencoded password must not make part of it look like a host.
        var account: (user: String?, password: String?) = (nil, nil)
        if let mark = rest.lastIndex(of: "@") {
            account = try Self.account(rest[..<mark])
            rest = rest[rest.index(after: mark)...]
        }
        (username, password) = account
        let fromQuery = try Self.database(inQuery: query)

        switch scheme {
        case "redis":
            let parts = rest.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            address = try Self.tcp(parts[0])
            let path = parts.count > 1 && !parts[1].isEmpty ? parts[1] : nil
            database = try path.map { text throws(RedisError) in try Self.database(text) } ?? fromQuery ?? 0
        case "unix", "redis+unix", "redis+socket":
            guard rest.hasPrefix("/"), let path = rest.removingPercentEncoding else {
                throw Self.invalid("the socket must be an absolute path, as in unix:///run/redis.sock")
            }
            guard path.utf8.count <= 107, !path.utf8.contains(0) else {
                throw Self.invalid(
                    "the socket's path is longer than the 107 bytes that a unix socket can have")
            }
            address = .unixSocket(path: path)
            database = fromQuery ?? 0
        case "rediss":
            throw Self.invalid(
                "rediss:// (TLS) is not supported; use redis:// through a private network or a tunnel")
        default:
            throw Self.invalid("it must start with redis:// or unix://")
        }
    }

    private static func invalid(_ reason: String) -> RedisError {
        .invalidConfiguration(reason: "the Redis address cannot be used: \(reason)")
    }

    private static func account(_ text: Substring) throws(RedisError) -> (user: String?, password: String?) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            throw invalid("write the account as user:password@ or :password@")
        }
        guard let user = parts[0].removingPercentEncoding, let password = parts[1].removingPercentEncoding
        else {
            throw invalid(
                "the user or the password has a % that starts no percent-encoded byte; write it as %25")
        }
        if password.isEmpty { throw invalid("the password before @ is empty") }
        return (user.isEmpty ? nil : user, password)
    }

    private static func tcp(_ text: Substring) throws(RedisError) -> RedisConfiguration.Address {
        var host = text
        var port: Substring?
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else {
                throw invalid("the IPv6 address has no closing ]")
            }
            host = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") else { throw invalid("only a port may follow the ]") }
            port = rest.isEmpty ? nil : rest.dropFirst()
        } else if let mark = text.lastIndex(of: ":") {
            host = text[..<mark]
            port = text[text.index(after: mark)...]
            guard !host.contains(":") else {
                throw invalid("an IPv6 address must stand in brackets: redis://[::1]")
            }
        }
        guard !host.isEmpty, !host.utf8.contains(0) else {
            throw invalid("the host is missing, as in redis://localhost:6379")
        }
        guard let port else { return .tcp(host: String(host), port: 6379) }
        // Not quoted: a password with an unencoded / or @ in it would end up here.
        guard let number = UInt16(port), number > 0 else {
            throw invalid(
                "the port must be a number from 1 to 65535 (and / or ? in a password must be percent-encoded)"
            )
        }
        return .tcp(host: String(host), port: number)
    }

    private static func database(_ text: some StringProtocol) throws(RedisError) -> Int {
        guard let number = Int(text), number >= 0 else {
            throw invalid("the database must be a number, as in redis://localhost:6379/0")
        }
        return number
    }

    private static func database(inQuery query: Substring?) throws(RedisError) -> Int? {
        guard let query, !query.isEmpty else { return nil }
        var found: Int?
        for item in query.split(separator: "&") {
            guard item.hasPrefix("db=") else { throw invalid("the only query item understood is db=number") }
            found = try database(item.dropFirst("db=".count))
        }
        return found
    }
}
