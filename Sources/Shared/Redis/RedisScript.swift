import Synchronization

/// A Lua script. Made once and kept, usually in a `static let`: it remembers its digest.
package final class RedisScript: Sendable {
    let source: String
    /// The name under which servers keep the script: its SHA-1, as a server has told us.
    private let digest = Mutex<String?>(nil)

    package init(_ source: String) {
        self.source = source
    }

    var knownDigest: String? { digest.withLock { $0 } }

    func remember(digest found: String) {
        digest.withLock { $0 = found }
    }
}

extension RedisClient {
    /// Runs a script atomically.
    ///
    /// Sends the digest alone where the server knows the script, and the source where it does not (any more):
    /// that refusal comes before anything runs, so the script never runs twice.
    ///
    /// - Throws: ``RedisError/rejected(message:)`` when the script fails; what it wrote before stays.
    package func evaluate(
        script: RedisScript, keys: [String] = [], arguments: [String] = [], timeout: Duration? = nil
    ) async throws(RedisError) -> RedisValue {
        try await evaluate(
            script: script, binaryKeys: keys.map { RedisArgument($0) },
            binaryArguments: arguments.map { RedisArgument($0) }, timeout: timeout)
    }

    /// The same with keys and arguments that need not be text.
    package func evaluate(
        script: RedisScript, binaryKeys: [RedisArgument], binaryArguments: [RedisArgument],
        timeout: Duration? = nil
    ) async throws(RedisError) -> RedisValue {
        let tail = [RedisArgument(binaryKeys.count)] + binaryKeys + binaryArguments
        let full = RedisCommand("EVAL", arguments: [RedisArgument(script.source)] + tail)
        guard let digest = script.knownDigest else {
            let load = RedisCommand("SCRIPT", arguments: ["LOAD", RedisArgument(script.source)])
            let replies = try await pipeline([load, full], timeout: timeout)
            if let digest = replies.first?.string { script.remember(digest: digest) }
            guard let result = replies.last else { throw .unexpectedReply(to: "EVAL") }
            if let refusal = result.rejection { throw refusal }
            return result
        }
        do throws(RedisError) {
            return try await send(
                RedisCommand("EVALSHA", arguments: [RedisArgument(digest)] + tail), timeout: timeout)
        } catch {
            guard error.rejection == .unknownScript else { throw error }
            return try await send(full, timeout: timeout)
        }
    }
}
