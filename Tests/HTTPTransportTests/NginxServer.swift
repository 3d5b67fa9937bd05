import Foundation
import HTTPTransport
import LoopbackHTTP

/// A private nginx with TLS, HTTP/2 and a throwaway certificate, on a port of its own.
final class NginxServer {
    static let largeBytes = 32 << 20

    let root: URL
    let certificatePath: String
    private(set) var url = ""
    private var running: Process?

    init() async throws {
        root = FileManager.default.temporaryDirectory.appending(path: "nginx-\(UUID().uuidString)")
        certificatePath = root.appending(path: "cert.pem").path
        try FileManager.default.createDirectory(
            at: root.appending(path: "upload"), withIntermediateDirectories: true)
        // nginx drops root's rights in its workers.
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: root.path)
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o777], ofItemAtPath: root.appending(path: "upload").path)
        try Data("small".utf8).write(to: root.appending(path: "small"))
        try Data(count: Self.largeBytes).write(to: root.appending(path: "large"))
        try Self.run(
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-days",
            "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
            root.appending(path: "key.pem").path, "-out", certificatePath)
        for attempt in 1...5 {
            do {
                try await start()
                return
            } catch {
                // Another process may take the port between our look and nginx's bind.
                if attempt == 5 { throw error }
            }
        }
    }

    private func start() async throws {
        let port = try LoopbackServer.refusingURL().split(separator: ":").last.map(String.init) ?? ""
        url = "https://127.0.0.1:\(port)"
        let directory = root.path
        let configuration = """
            worker_processes 1;
            daemon off;
            pid \(directory)/nginx.pid;
            error_log stderr error;
            events {}
            http {
                access_log off;
                client_body_temp_path \(directory)/body;
                proxy_temp_path \(directory)/proxy;
                fastcgi_temp_path \(directory)/fastcgi;
                uwsgi_temp_path \(directory)/uwsgi;
                scgi_temp_path \(directory)/scgi;
                server {
                    listen 127.0.0.1:\(port) ssl http2;
                    ssl_certificate \(certificatePath);
                    ssl_certificate_key \(directory)/key.pem;
                    root \(directory);
                    client_max_body_size 100m;
                    location /upload/ { dav_methods PUT; }
                }
            }
            """
        let path = root.appending(path: "nginx.conf")
        try Data(configuration.utf8).write(to: path)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["nginx", "-e", "stderr", "-p", directory, "-c", path.path]
        process.environment = ["PATH": "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin"]
        process.standardError = FileHandle.nullDevice
        try process.run()
        let client = HTTPClient(configuration: .init(certificateBundlePath: certificatePath))
        while process.isRunning {
            if try await isAnswering(client) {
                running = process
                return
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw POSIXError(.ECHILD)
    }
    func stop() {
        running?.terminate()
        running?.waitUntilExit()
        try? FileManager.default.removeItem(at: root)
    }

    private func isAnswering(_ client: HTTPClient) async throws -> Bool {
        do throws(HTTPError) {
            return try await client.execute(.test("GET", url + "/small")).status == 200
        } catch {
            guard error == .connectFailed else { throw error }
            return false
        }
    }

    private static func run(_ arguments: String...) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw POSIXError(.ECHILD) }
    }
}
