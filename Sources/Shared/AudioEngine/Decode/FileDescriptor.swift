import CLinux
import Glibc

/// An open file that is closed exactly once.
struct FileDescriptor: ~Copyable {
    let raw: Int32

    init(adopting raw: Int32) { self.raw = raw }

    /// Opens a regular file for reading; refuses devices and pipes, which could block for ever.
    init(reading path: String) throws(AudioError) {
        let opened = unsafe path.withCString { unsafe open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
        guard opened >= 0 else { throw .io(operation: "open", errno: errno) }
        var facts = stat()
        guard unsafe fstat(opened, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
            close(opened)
            throw .io(operation: "open", errno: EINVAL)
        }
        raw = opened
    }

    /// Makes a file that only this account can read, or empties the one that is there.
    init(creating path: String) throws(AudioError) {
        let flags = O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW
        let opened = unsafe path.withCString { unsafe open($0, flags, 0o600) }
        guard opened >= 0 else { throw .io(operation: "create", errno: errno) }
        raw = opened
    }

    /// A file in memory, for decoders that want to seek; more can be written behind the bytes.
    init(holding bytes: Span<UInt8>) throws(AudioError) {
        let made = unsafe coach_memfd("note")
        guard made >= 0 else { throw .io(operation: "memory file", errno: errno) }
        let file = FileDescriptor(adopting: made)
        try file.write(bytes)
        self = file
    }

    deinit { close(raw) }

    /// Gives the descriptor away; the taker closes it.
    consuming func release() -> Int32 {
        let raw = raw
        discard self
        return raw
    }

    /// Moves the file's own offset to its beginning.
    func rewind() { lseek(raw, 0, SEEK_SET) }

    /// A second descriptor of the same file, for a library that closes what it is given.
    func duplicate() throws(AudioError) -> FileDescriptor {
        let copy = fcntl(raw, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { throw .io(operation: "open", errno: errno) }
        return FileDescriptor(adopting: copy)
    }

    var byteCount: Int {
        var facts = stat()
        return unsafe fstat(raw, &facts) == 0 ? Int(facts.st_size) : 0
    }

    /// Reads at an offset without moving the file's own; 0 at the end.
    func read(into buffer: inout [UInt8], at offset: Int) throws(AudioError) -> Int {
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes { room in
                unsafe pread(raw, room.baseAddress, room.count, off_t(offset))
            }
            if count >= 0 { return count }
            if errno != EINTR { throw .io(operation: "read", errno: errno) }
        }
    }

    /// Writes everything at the file's own offset.
    func write(_ bytes: Span<UInt8>) throws(AudioError) {
        var written = 0
        while written < bytes.count {
            let rest = bytes.extracting(last: bytes.count - written)
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(raw, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .io(operation: "write", errno: errno) }
            written += count
        }
    }

    /// Overwrites bytes at an offset.
    func write(_ bytes: Span<UInt8>, at offset: Int) throws(AudioError) {
        let count = unsafe bytes.withUnsafeBytes {
            unsafe pwrite(raw, $0.baseAddress, $0.count, off_t(offset))
        }
        guard count == bytes.count else { throw .io(operation: "write", errno: errno) }
    }
}
