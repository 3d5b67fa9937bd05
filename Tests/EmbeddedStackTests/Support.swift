import Foundation

struct CommandFailed: Error {
    let status: Int32
    let output: String
}

/// Runs a body with a fresh directory that is removed afterwards.
func withTemporaryDirectory<Value>(_ body: (URL) async throws -> Value) async throws -> Value {
    let directory = URL(filePath: "/tmp/embedded-\(UUID().uuidString.prefix(8))")
    defer { try? FileManager.default.removeItem(at: directory) }
    return try await body(directory)
}

/// Runs a program to its end and returns what it wrote to standard output.
@discardableResult
func output(of program: String, _ arguments: [String]) async throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [program] + arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    let complaints = Pipe()
    process.standardError = complaints
    return try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread {
            continuation.resume(
                with: Result {
                    try process.run()
                    let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
                    process.waitUntilExit()
                    let text = String(decoding: data, as: UTF8.self)
                    guard process.terminationStatus == 0 else {
                        let words = try complaints.fileHandleForReading.readToEnd() ?? Data()
                        throw CommandFailed(
                            status: process.terminationStatus,
                            output: text + String(decoding: words, as: UTF8.self))
                    }
                    return text
                })
        }
    }
}

/// Launches from a thread that blocks no signal; threads of the pool block most, and children inherit that.
func launchWithSignals(_ process: Process) async throws {
    try await withCheckedThrowingContinuation { (started: CheckedContinuation<Void, any Error>) in
        Thread.detachNewThread {
            var none = sigset_t()
            sigemptyset(&none)
            pthread_sigmask(SIG_SETMASK, &none, nil)
            started.resume(with: Result { try process.run() })
        }
    }
}

@discardableResult
func psql(_ uri: String, _ statement: String) async throws -> String {
    try await output(of: "psql", ["-XAtq", "-v", "ON_ERROR_STOP=1", "-d", uri, "-c", statement])
}

/// `redis-cli` on a URI as ``PrivateRedis`` spells it.
@discardableResult
func redisCLI(_ uri: String, _ command: [String]) async throws -> String {
    let path = uri.dropFirst("unix://".count).removingPercentEncoding
    return try await output(of: "redis-cli", ["-s", path ?? ""] + command)
}

/// The one-letter state of a process; nil when there is none.
func processState(_ pid: Int32) -> String? {
    let status = FileManager.default.contents(atPath: "/proc/\(pid)/stat")
    return status.flatMap { String(decoding: $0, as: UTF8.self).split(separator: ")").last }
        .flatMap { $0.split(separator: " ").first }.map(String.init)
}

/// Whether a condition comes true within a generous limit.
func eventually(_ condition: () async throws -> Bool) async rethrows -> Bool {
    for _ in 0..<1500 {
        if try await condition() { return true }
        try? await Task.sleep(for: .milliseconds(20))
    }
    return false
}
