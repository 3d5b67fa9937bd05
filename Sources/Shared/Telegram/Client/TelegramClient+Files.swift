import Foundation
import HTTPTransport

extension TelegramClient {
    /// Asks where a file can be fetched.
    ///
    /// - Throws: ``TelegramError/fileTooBig`` above 20 MiB, ``TelegramError/fileUnavailable`` when Telegram
    ///   cannot get at it now.
    package func getFile(
        _ fileID: String, deadline: ContinuousClock.Instant? = nil
    ) async throws(TelegramError) -> RemoteFile {
        struct Parameters: Encodable {
            let fileId: String
        }
        return try await call(
            "getFile", Parameters(fileId: fileID), isRepeatable: true, deadline: deadline)
    }

    /// Begins to fetch a file whose bytes are wanted while they come.
    ///
    /// - Parameter maximumBytes: Above this the stream ends with ``TelegramError/fileTooBig``.
    /// - Returns: `nil` when a server in local mode has put the file on a disk that we share: there is nothing
    ///   to wait for then, and ``download(_:to:maximumBytes:deadline:)`` copies it.
    /// - Throws: As ``download(_:to:maximumBytes:deadline:)`` does.
    package func stream(
        _ file: RemoteFile, maximumBytes: Int = TelegramClient.maximumDownloadBytes,
        deadline: ContinuousClock.Instant? = nil
    ) async throws(TelegramError) -> FileStream? {
        if let size = file.size, size > maximumBytes { throw .fileTooBig }
        guard let source = file.path else { throw .fileUnavailable }
        if source.hasPrefix("/"), !endpoint.isPublic { return nil }
        guard let url = endpoint.url(ofFile: source) else { throw .unintelligibleAnswer }
        let response: HTTPStreamingResponse
        var refusal: [UInt8] = []
        do throws(HTTPError) {
            response = try await http.stream(
                HTTPRequest(
                    url: url, deadline: deadline ?? .now + .seconds(120), firstByteTimeout: .seconds(20),
                    idleTimeout: .seconds(15), maximumResponseBytes: maximumBytes))
            if response.head.isSuccess { return FileStream(body: response.body) }
            var chunks = response.body.makeAsyncIterator()
            while refusal.count < 65_536, let chunk = try await chunks.next() { refusal += chunk }
        } catch {
            throw TelegramError(file: error)
        }
        if response.status == 404 { throw .fileLinkExpired }
        _ = try Self.read(response.status, response.headers, refusal) as Ignored
        throw .unintelligibleAnswer
    }

    /// Fetches a file to the local disk.
    ///
    /// - Parameters:
    ///   - path: Replaced when it exists; left absent on any error.
    ///   - maximumBytes: Above this the download is stopped with ``TelegramError/fileTooBig``.
    /// - Returns: The number of bytes in the file.
    /// - Throws: ``TelegramError/fileLinkExpired`` when `getFile` has to be asked again.
    package func download(
        _ file: RemoteFile, to path: String, maximumBytes: Int = TelegramClient.maximumDownloadBytes,
        deadline: ContinuousClock.Instant? = nil
    ) async throws(TelegramError) -> Int {
        if let size = file.size, size > maximumBytes { throw .fileTooBig }
        guard let source = file.path else { throw .fileUnavailable }
        // A server in local mode answers with a path on a volume that we share; the public one must not be able
        // to make us read our own disk.
        if source.hasPrefix("/"), !endpoint.isPublic {
            return try await LocalFiles.copy(source, to: path, maximumBytes: maximumBytes)
        }
        guard let url = endpoint.url(ofFile: source) else { throw .unintelligibleAnswer }
        let result: HTTPDownload
        do throws(HTTPError) {
            result = try await http.download(
                HTTPRequest(
                    url: url, deadline: deadline ?? .now + .seconds(120), firstByteTimeout: .seconds(20),
                    idleTimeout: .seconds(15), maximumResponseBytes: maximumBytes), to: path)
        } catch {
            throw TelegramError(file: error)
        }
        guard result.head.isSuccess else {
            if result.head.status == 404 { throw .fileLinkExpired }
            _ = try Self.read(result.head.status, result.head.headers, result.errorBody) as Ignored
            throw .unintelligibleAnswer
        }
        return result.bytesWritten
    }
}

/// The bytes of a file as they come.
///
/// It throws ``TelegramError`` when they do not come to their end: a cut-off file is never taken for a whole
/// one. Dropping it stops the download.
package struct FileStream: AsyncSequence, Sendable {
    package typealias Element = [UInt8]

    let body: HTTPResponseBody

    package func makeAsyncIterator() -> Iterator { Iterator(base: body.makeAsyncIterator()) }

    package struct Iterator: AsyncIteratorProtocol {
        var base: HTTPResponseBody.Iterator

        package mutating func next() async throws(TelegramError) -> [UInt8]? {
            try await next(isolation: nil)
        }

        package mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(TelegramError) -> [UInt8]? {
            do throws(HTTPError) {
                return try await base.next(isolation: actor)
            } catch {
                throw TelegramError(file: error)
            }
        }
    }
}

extension TelegramError {
    fileprivate init(file error: HTTPError) {
        if case .responseTooLarge = error { self = .fileTooBig } else { self.init(error) }
    }
}

/// Copies on a queue of its own, because a disk can block.
private enum LocalFiles {
    private static let queue = DispatchQueue(label: "coach.telegram.files")

    static func copy(_ source: String, to target: String, maximumBytes: Int) async throws(TelegramError)
        -> Int
    {
        let result: Result<Int, TelegramError> = await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: copyNow(source, target, maximumBytes)) }
        }
        return try result.get()
    }

    private static func copyNow(_ source: String, _ target: String, _ limit: Int) -> Result<
        Int, TelegramError
    > {
        let files = FileManager.default
        do {
            guard let size = try files.attributesOfItem(atPath: source)[.size] as? Int else {
                return .failure(.fileUnavailable)
            }
            guard size <= limit else { return .failure(.fileTooBig) }
            if files.fileExists(atPath: target) { try files.removeItem(atPath: target) }
            try files.copyItem(atPath: source, toPath: target)
            return .success(size)
        } catch {
            try? files.removeItem(atPath: target)
            let isMissing = [.fileNoSuchFile, .fileReadNoSuchFile].contains((error as? CocoaError)?.code)
            return .failure(isMissing ? .fileLinkExpired : .localFile(errno: EIO))
        }
    }
}
