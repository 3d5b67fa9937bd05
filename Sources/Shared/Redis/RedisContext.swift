import CHiredis
import Foundation

/// Owns one hiredis context and closes it exactly once.
///
/// Opened and authenticated with blocking calls on a thread made for that, then used without blocking by the
/// connection's own thread.
///
/// `@unchecked Sendable`: not copyable, so the thread that hands it over keeps no way to touch it.
@safe struct RedisContext: ~Copyable, @unchecked Sendable {
    private let raw: UnsafeMutablePointer<redisContext>
    private let maximumReplyBytes: Int
    /// Bytes that arrived since the last complete reply.
    private var incompleteBytes = 0
    /// Whether bytes wait for room in the socket.
    private(set) var hasUnsent = false

    var descriptor: Int32 { unsafe raw.pointee.fd }

    private init(owning raw: UnsafeMutablePointer<redisContext>, maximumReplyBytes: Int) {
        unsafe self.raw = raw
        self.maximumReplyBytes = maximumReplyBytes
    }

    /// Connects, authenticates and selects the database. Blocks, each step for `connectTimeout` at most; a
    /// DNS look-up is bounded by the resolver alone.
    ///
    /// - Throws: ``RedisError/unavailable(reason:)``, or ``RedisError/rejected(message:)`` for a refusal.
    static func open(_ configuration: RedisConfiguration) throws(RedisError) -> RedisContext {
        let limit = timeval(configuration.connectTimeout)
        let opened =
            switch configuration.address {
            case .tcp(let host, let port): unsafe redisConnectWithTimeout(host, Int32(port), limit)
            case .unixSocket(let path): unsafe redisConnectUnixWithTimeout(path, limit)
            }
        guard let raw = unsafe opened else { throw .unavailable(reason: "out of memory") }
        var context = unsafe RedisContext(owning: raw, maximumReplyBytes: configuration.maximumReplyBytes)
        try context.enter(configuration, limit: limit)
        return context
    }

    private mutating func enter(_ configuration: RedisConfiguration, limit: timeval) throws(RedisError) {
        guard unsafe raw.pointee.err == 0 else {
            throw .unavailable(reason: "\(configuration): \(failure)")
        }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        unsafe redisSetTimeout(raw, limit)
        if case .tcp = configuration.address { unsafe redisEnableKeepAlive(raw) }

        if let password = configuration.password {
            let account = configuration.username.map { [RedisArgument($0)] } ?? []
            try ask(RedisCommand("AUTH", arguments: account + [RedisArgument(password)]), of: configuration)
        }
        if configuration.database != 0 {
            try ask(RedisCommand("SELECT", String(configuration.database)), of: configuration)
        }
        // A stopped server accepts connections too; and one that loads its data is of no use yet.
        try ask(RedisCommand("PING"), of: configuration)

        guard fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK) == 0 else {
            throw .unavailable(reason: "the socket cannot be made non-blocking")
        }
        unsafe raw.pointee.flags &= ~REDIS_BLOCK
    }

    deinit { unsafe redisFree(raw) }

    private mutating func ask(
        _ command: RedisCommand, of configuration: RedisConfiguration
    ) throws(RedisError) {
        try append(command)
        var reply: UnsafeMutableRawPointer?
        guard unsafe redisGetReply(raw, &reply) == REDIS_OK, let answer = unsafe reply else {
            throw .unavailable(reason: "\(configuration): \(failure)")
        }
        defer { unsafe freeReplyObject(answer) }
        hasUnsent = false
        let value = unsafe RedisValue(answer.assumingMemoryBound(to: redisReply.self))
        guard case .error(let message) = value else { return }
        throw .refused(message)
    }

    /// Puts a command into the output buffer.
    mutating func append(_ command: borrowing RedisCommand) throws(RedisError) {
        let status = unsafe command.withWords { bytes, ends in
            unsafe withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: ends.count) {
                pointers in
                unsafe withUnsafeTemporaryAllocation(of: Int.self, capacity: ends.count) { lengths in
                    var start = 0
                    for (index, end) in ends.enumerated() {
                        // An empty command has no bytes to point to; its words are all of length zero.
                        unsafe pointers[index] = bytes.baseAddress.map { base in
                            unsafe (base + start).assumingMemoryBound(to: CChar.self)
                        }
                        unsafe lengths[index] = end - start
                        start = end
                    }
                    return unsafe redisAppendCommandArgv(
                        raw, Int32(ends.count), pointers.baseAddress, lengths.baseAddress)
                }
            }
        }
        guard status == REDIS_OK else { throw .disconnected(reason: failure) }
        hasUnsent = true
    }

    /// Writes what the socket takes.
    mutating func flush() throws(RedisError) {
        var done: Int32 = 0
        guard unsafe redisBufferWrite(raw, &done) == REDIS_OK else {
            throw .disconnected(reason: failure)
        }
        hasUnsent = done == 0
    }

    /// Reads once from the socket and hands over each complete reply.
    mutating func receive(_ deliver: (RedisValue) -> Bool) throws(RedisError) {
        let before = unsafe raw.pointee.reader.pointee.len - raw.pointee.reader.pointee.pos
        guard unsafe redisBufferRead(raw) == REDIS_OK else {
            throw .disconnected(reason: failure)
        }
        incompleteBytes += unsafe raw.pointee.reader.pointee.len - raw.pointee.reader.pointee.pos - before
        while true {
            var reply: UnsafeMutableRawPointer?
            guard unsafe redisGetReplyFromReader(raw, &reply) == REDIS_OK else {
                throw .protocolViolation(reason: failure)
            }
            guard let complete = unsafe reply else { break }
            defer { unsafe freeReplyObject(complete) }
            incompleteBytes = unsafe raw.pointee.reader.pointee.len - raw.pointee.reader.pointee.pos
            guard deliver(unsafe RedisValue(complete.assumingMemoryBound(to: redisReply.self))) else {
                throw .protocolViolation(reason: "an answer that nobody asked for")
            }
        }
        guard incompleteBytes <= maximumReplyBytes else {
            throw .protocolViolation(reason: "a reply is larger than \(maximumReplyBytes) bytes")
        }
    }

    private var failure: String {
        if unsafe raw.pointee.err == REDIS_ERR_EOF { return "the server closed the connection" }
        // What a socket timeout looks like to hiredis.
        if unsafe raw.pointee.err == REDIS_ERR_IO, errno == EAGAIN { return "no answer in time" }
        return unsafe withUnsafeBytes(of: &raw.pointee.errstr) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}

extension timeval {
    fileprivate init(_ duration: Duration) {
        let (seconds, attoseconds) = max(duration, .milliseconds(1)).components
        self.init(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
    }
}

extension RedisValue {
    /// Copies a reply. Its depth is bounded by hiredis, which refuses to parse more than seven levels.
    fileprivate init(_ reply: UnsafePointer<redisReply>) {
        switch unsafe reply.pointee.type {
        case REDIS_REPLY_INTEGER:
            self = unsafe .integer(reply.pointee.integer)
        case REDIS_REPLY_STATUS:
            self = .simple(unsafe String(decoding: reply.pointee.text, as: UTF8.self))
        case REDIS_REPLY_ERROR:
            self = .error(unsafe String(decoding: reply.pointee.text, as: UTF8.self))
        case REDIS_REPLY_STRING:
            self = .bulk(unsafe Array(reply.pointee.text))
        case REDIS_REPLY_ARRAY:
            let elements = unsafe UnsafeBufferPointer(
                start: reply.pointee.element, count: reply.pointee.elements)
            self = .array(
                unsafe elements.map { element in
                    guard let element = unsafe element else { return .null }
                    return unsafe RedisValue(element)
                })
        default:
            self = .null
        }
    }
}

extension redisReply {
    fileprivate var text: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(start: str, count: len) }
}
