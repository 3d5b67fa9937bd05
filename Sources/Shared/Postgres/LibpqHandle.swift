import CLibpq
import Foundation

/// Owns one libpq connection and closes it exactly once.
///
/// `@unchecked Sendable` to be handed over, never shared: the thread that opens a connection drops its
/// reference when it posts the handle to the driver thread, which alone uses it from then on.
@safe final class LibpqHandle: @unchecked Sendable {
    let raw: OpaquePointer
    /// Written by libpq's callback while the driver thread is inside a libpq call.
    private let farewell: Farewell

    private init(_ raw: OpaquePointer) {
        unsafe self.raw = unsafe raw
        farewell = Farewell()
        // Without a receiver libpq prints the server's notices to standard error.
        _ = unsafe PQsetNoticeReceiver(
            raw,
            { context, notice in
                guard let context = unsafe context, let notice = unsafe notice else { return }
                let report = unsafe ServerReport(notice)
                guard report.endsConnection, report.sqlState != nil else { return }
                unsafe Unmanaged<Farewell>.fromOpaque(context).takeUnretainedValue().reason = report.summary
            }, Unmanaged.passUnretained(farewell).toOpaque())
    }

    deinit { unsafe PQfinish(raw) }

    /// Why the server is about to close a connection that was doing nothing.
    var farewellReason: String? { farewell.reason }

    private final class Farewell {
        var reason: String?
    }

    /// Opens a connection, trying every host and address in order. Blocks the calling thread for up to
    /// the connect timeout per address, and for as long as the system's resolver takes.
    ///
    /// - Throws: ``PostgresError/connectionFailed(reason:)``; libpq's text names hosts, never a password.
    static func open(_ configuration: PostgresConfiguration) throws(PostgresError) -> LibpqHandle {
        var keywords = unsafe configuration.parameters.map { unsafe UnsafePointer(strdup($0.keyword)) }
        var values = unsafe configuration.parameters.map { unsafe UnsafePointer(strdup($0.value)) }
        unsafe keywords.append(nil)
        unsafe values.append(nil)
        defer {
            for index in configuration.parameters.indices {
                unsafe free(UnsafeMutablePointer(mutating: keywords[index]))
                unsafe free(UnsafeMutablePointer(mutating: values[index]))
            }
        }
        guard let raw = unsafe PQconnectdbParams(keywords, values, 0) else {
            throw .connectionFailed(reason: "out of memory")
        }
        let handle = unsafe LibpqHandle(raw)
        guard unsafe PQstatus(raw) == CONNECTION_OK else {
            throw .connectionFailed(reason: handle.lastError)
        }
        guard unsafe PQsetnonblocking(raw, 1) == 0, unsafe PQenterPipelineMode(raw) == 1 else {
            throw .connectionFailed(reason: handle.lastError)
        }
        return handle
    }

    /// libpq's last message on one line.
    var lastError: String {
        guard let text = unsafe PQerrorMessage(raw) else { return "unknown" }
        let lines = unsafe String(cString: text).split(whereSeparator: \.isNewline)
        let line = lines.map { $0.drop { $0 == " " || $0 == "\t" } }.joined(separator: "; ")
        return line.isEmpty ? "connection closed" : line
    }
}

/// Asks the server to cancel whatever a connection is doing.
///
/// `@unchecked Sendable`: libpq documents `PQcancel` as safe to call from another thread than the
/// connection's; the object copies what it needs and does not refer to the connection.
@safe final class LibpqCanceller: @unchecked Sendable {
    private let raw: OpaquePointer?

    init(_ handle: LibpqHandle) { unsafe raw = PQgetCancel(handle.raw) }

    deinit { unsafe PQfreeCancel(raw) }

    /// Blocks until the server has taken the request, or refused it.
    func request() {
        var message = [CChar](repeating: 0, count: 256)
        // Whether it took effect shows on the connection itself.
        _ = unsafe PQcancel(raw, &message, Int32(message.count))
    }
}
