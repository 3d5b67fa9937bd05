import Foundation
import Synchronization

/// What is wrong with a server's certificate.
enum TLSFault: String, CaseIterable, Sendable {
    case selfSigned, expired, otherHost
}

/// `openssl s_server` with a certificate that nobody should accept.
final class BadTLSServer: Sendable {
    let url: String
    /// What the client trusts: the certificate itself, so that only the fault under test speaks against it; for a
    /// self-signed one somebody else's.
    let trusted: String
    private let process: Process

    private static let servers = Mutex<[TLSFault: Task<BadTLSServer, any Error>]>([:])

    /// One server for all tests; it ends with them.
    static func of(_ fault: TLSFault) async throws -> BadTLSServer {
        try await servers.withLock { servers in
            let start = servers[fault] ?? Task { try await BadTLSServer(fault) }
            servers[fault] = start
            return start
        }.value
    }

    private init(_ fault: TLSFault) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        func path(_ name: String) -> String { directory.appending(path: name).path }
        let host = fault == .otherHost ? "DNS:elsewhere.example" : "IP:127.0.0.1"
        for name in ["server", "stranger"] {
            try Self.run(
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-days",
                "2", "-subj", "/CN=\(name)", "-addext", "subjectAltName=\(host)", "-keyout",
                path("\(name).key"), "-out", path("\(name).pem"))
        }
        if fault == .expired { try Self.expire(in: directory, path) }
        trusted = path(fault == .selfSigned ? "stranger.pem" : "server.pem")
        let port = try Self.freePort()
        url = "https://127.0.0.1:\(port)"
        process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "openssl", "s_server", "-accept", "127.0.0.1:\(port)", "-cert", path("server.pem"), "-key",
            path("server.key"), "-quiet", "-www",
        ]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        while process.isRunning, !Self.isListening(port) { try await Task.sleep(for: .milliseconds(20)) }
    }

    deinit { process.terminate() }

    /// A certificate for the same key and host that ended years ago.
    private static func expire(in directory: URL, _ path: (String) -> String) throws {
        let configuration = """
            [ca]
            default_ca = d
            [d]
            new_certs_dir = \(directory.path)
            database = \(path("index.txt"))
            serial = \(path("serial"))
            default_md = sha256
            policy = p
            x509_extensions = x
            [p]
            commonName = supplied
            [x]
            subjectAltName = IP:127.0.0.1
            """
        try Data(configuration.utf8).write(to: URL(fileURLWithPath: path("ca.cnf")))
        try Data().write(to: URL(fileURLWithPath: path("index.txt")))
        try Data("01\n".utf8).write(to: URL(fileURLWithPath: path("serial")))
        try run(
            "req", "-new", "-key", path("server.key"), "-subj", "/CN=127.0.0.1", "-out", path("request.pem"))
        try run(
            "ca", "-batch", "-selfsign", "-config", path("ca.cnf"), "-keyfile", path("server.key"), "-in",
            path("request.pem"), "-out", path("server.pem"), "-startdate", "20200101000000Z", "-enddate",
            "20200102000000Z", "-notext")
    }

    private struct OpenSSLFailed: Error { var arguments: [String] }

    private static func run(_ arguments: String...) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw OpenSSLFailed(arguments: arguments) }
    }

    private static func socketAddress(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return address
    }

    private static func freePort() throws -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = socketAddress(0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
            }
        }
        guard isBound else { throw POSIXError(.EADDRNOTAVAIL) }
        return UInt16(bigEndian: address.sin_port)
    }

    private static func isListening(_ port: UInt16) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = socketAddress(port)
        return withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
