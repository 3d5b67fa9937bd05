import CLibpq
import Foundation

/// Where the ledger is and how patient its clients are.
///
/// The description never shows the password. PostgreSQL 14 or newer; a pooler in between must keep a
/// session per connection, because statements are prepared. Notices of the server are dropped.
package struct PostgresConfiguration: Sendable {
    /// The largest number of connections that one pool opens.
    package let poolSize: Int
    /// How long the server lets one statement run.
    package let statementTimeout: Duration
    /// How long the server lets one statement wait for a lock.
    package let lockTimeout: Duration
    /// How long the server tolerates a transaction in which nothing happens.
    package let idleInTransactionTimeout: Duration
    /// How old a connection grows before it is replaced; up to a tenth is taken off at random.
    package let maximumLifetime: Duration
    /// How long an unused connection is kept.
    package let idleTimeout: Duration
    /// The deadline of a call that names none, counted from the call.
    package let defaultPatience: Duration

    /// libpq keywords with their values, in the order libpq lists them.
    let parameters: [(keyword: String, value: String)]

    /// - Parameters:
    ///   - uri: A libpq connection URI or `key=value` string; several hosts are tried in order, and the
    ///     first that accepts writes is used. Settings in it win over the parameters below.
    ///   - poolSize: 1…1000 connections.
    ///   - connectTimeout: Limit for each address tried; libpq counts whole seconds and at least 2.
    ///   - statementTimeout: Server-side limit of one statement; zero means none.
    ///   - tcpUserTimeout: How long sent bytes may stay unacknowledged before the kernel gives up.
    ///   - applicationName: Shown in `pg_stat_activity`.
    /// - Throws: ``PostgresError/invalidConfiguration(_:)``, without quoting the URI.
    package init(
        uri: String, poolSize: Int = 8, connectTimeout: Duration = .seconds(5),
        statementTimeout: Duration = .seconds(10), tcpUserTimeout: Duration = .seconds(10),
        lockTimeout: Duration = .seconds(5), idleInTransactionTimeout: Duration = .seconds(60),
        maximumLifetime: Duration = .seconds(1800), idleTimeout: Duration = .seconds(600),
        applicationName: String = "speechcoach"
    ) throws(PostgresError) {
        guard (1...1000).contains(poolSize) else {
            throw .invalidConfiguration("pool size \(poolSize) is not within 1…1000")
        }
        for (name, duration) in [
            ("connect timeout", connectTimeout), ("statement timeout", statementTimeout),
            ("TCP user timeout", tcpUserTimeout), ("lock timeout", lockTimeout),
            ("idle-in-transaction timeout", idleInTransactionTimeout), ("maximum lifetime", maximumLifetime),
            ("idle timeout", idleTimeout),
        ] where duration < .zero || duration > .seconds(86_400) {
            throw .invalidConfiguration("\(name) is not within 0…86400 seconds")
        }
        var given = try Self.parse(uri)
        func setDefault(_ keyword: String, _ value: String) {
            if given[keyword] == nil { given[keyword] = value }
        }
        let hosts = given["hostaddr"] ?? given["host"] ?? ""
        if hosts.contains(",") { setDefault("target_session_attrs", "read-write") }
        setDefault("application_name", applicationName)
        setDefault("connect_timeout", String(max(2, (connectTimeout.milliseconds + 999) / 1000)))
        setDefault("tcp_user_timeout", String(tcpUserTimeout.milliseconds))
        setDefault("keepalives", "1")
        setDefault("keepalives_idle", "30")
        setDefault("keepalives_interval", "10")
        setDefault("keepalives_count", "3")
        // Loading a Kerberos library costs milliseconds per connection and is wanted by nobody by default.
        setDefault("gssencmode", "disable")
        given["client_encoding"] = "UTF8"

        self.poolSize = poolSize
        self.statementTimeout = statementTimeout
        self.lockTimeout = lockTimeout
        self.idleInTransactionTimeout = idleInTransactionTimeout
        self.maximumLifetime = maximumLifetime
        self.idleTimeout = idleTimeout
        self.defaultPatience =
            (statementTimeout == .zero ? .seconds(60) : statementTimeout) + .seconds(5)
        self.parameters = given.sorted { $0.key < $1.key }.map { (keyword: $0.key, value: $0.value) }
    }

    /// The value that libpq will get for a keyword, except for the password.
    package subscript(keyword keyword: String) -> String? {
        Self.secretKeywords.contains(keyword) ? nil : parameters.first { $0.keyword == keyword }?.value
    }

    private static let secretKeywords: Set<String> = ["password", "sslpassword"]

    /// libpq's own reading of the string; its error text is withheld because it quotes the input.
    private static func parse(_ uri: String) throws(PostgresError) -> [String: String] {
        guard !uri.isEmpty, !uri.utf8.contains(0) else {
            throw .invalidConfiguration("the connection string is empty or contains a NUL")
        }
        var message: UnsafeMutablePointer<CChar>?
        let options = unsafe PQconninfoParse(uri, &message)
        defer {
            unsafe PQfreemem(message)
            unsafe PQconninfoFree(options)
        }
        guard let first = unsafe options else {
            throw .invalidConfiguration(
                "not a libpq URI (postgres://user@host:5432/database) or key=value string; "
                    + "special characters of a password must be percent-encoded in a URI")
        }
        var found: [String: String] = [:]
        var option = unsafe first
        while let keyword = unsafe option.pointee.keyword {
            if let value = unsafe option.pointee.val {
                unsafe found[String(cString: keyword)] = unsafe String(cString: value)
            }
            unsafe option += 1
        }
        return found
    }

    /// Sent once on every new connection, before it serves anybody.
    ///
    /// `client_connection_check_interval` (PostgreSQL 14) makes the server drop the work of a client
    /// that has gone away.
    var sessionSetup: String {
        """
        SET statement_timeout = \(statementTimeout.milliseconds);
        SET lock_timeout = \(lockTimeout.milliseconds);
        SET idle_in_transaction_session_timeout = \(idleInTransactionTimeout.milliseconds);
        SET client_connection_check_interval = 2000;
        SET TimeZone = 'UTC';
        SET DateStyle = 'ISO';
        SET IntervalStyle = 'iso_8601';
        """
    }
}

extension PostgresConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String {
        let shown = ["host", "hostaddr", "port", "dbname", "user", "target_session_attrs"]
        let parts = shown.compactMap { keyword in self[keyword: keyword].map { "\(keyword)=\($0)" } }
        return "Postgres(\((parts + ["pool=\(poolSize)"]).joined(separator: " ")))"
    }

    package var debugDescription: String { description }

    package var customMirror: Mirror { Mirror(self, children: ["description": description]) }
}

extension Duration {
    /// Whole milliseconds, rounded towards zero.
    var milliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
