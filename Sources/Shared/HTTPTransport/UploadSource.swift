import Foundation

/// Where the transfer thread takes the bytes of a request body from.
enum UploadSource {
    case none
    case memory([UInt8], offset: Int)
    case file(descriptor: Int32, length: Int)
    case channel(UploadChannel, length: Int?)

    /// - Throws: ``HTTPError/localFile(errno:)`` when the file cannot be opened.
    init(_ body: HTTPBody, channel: UploadChannel?) throws(HTTPError) {
        switch body {
        case .none, .multipart:
            self = .none
        case .bytes(let bytes):
            self = .memory(bytes, offset: 0)
        case .stream(let stream):
            self = if let channel { .channel(channel, length: stream.length) } else { .none }
        case .file(let path):
            let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw .localFile(errno: errno) }
            var status = stat()
            guard unsafe fstat(descriptor, &status) == 0 else {
                let code = errno
                Foundation.close(descriptor)
                throw .localFile(errno: code)
            }
            self = .file(descriptor: descriptor, length: Int(status.st_size))
        }
    }

    /// Announced length; nil when it is not known.
    var length: Int? {
        switch self {
        case .none: 0
        case .memory(let bytes, _): bytes.count
        case .file(_, let length): length
        case .channel(_, let length): length
        }
    }

    mutating func read(into target: UnsafeMutableRawBufferPointer) -> UploadChannel.Piece {
        switch self {
        case .none:
            return .end
        case .memory(let bytes, let offset):
            let count = min(target.count, bytes.count - offset)
            guard count > 0 else { return .end }
            unsafe bytes.withUnsafeBytes { source in
                unsafe target.copyMemory(from: .init(rebasing: source[offset..<offset + count]))
            }
            self = .memory(bytes, offset: offset + count)
            return .bytes(count)
        case .file(let descriptor, _):
            let count = unsafe Foundation.read(descriptor, target.baseAddress, target.count)
            return count > 0 ? .bytes(count) : count == 0 ? .end : .failed
        case .channel(let channel, _):
            return unsafe channel.read(into: target)
        }
    }

    /// Goes to an absolute offset before the body is sent again.
    ///
    /// - Returns: False when the source cannot go back.
    mutating func rewind(to offset: Int) -> Bool {
        switch self {
        case .none: return offset == 0
        case .memory(let bytes, _):
            guard (0...bytes.count).contains(offset) else { return false }
            self = .memory(bytes, offset: offset)
            return true
        case .file(let descriptor, _): return lseek(descriptor, offset, SEEK_SET) == offset
        case .channel: return false
        }
    }

    func close() {
        switch self {
        case .none, .memory: break
        case .file(let descriptor, _): Foundation.close(descriptor)
        case .channel(let channel, _): channel.close()
        }
    }
}
