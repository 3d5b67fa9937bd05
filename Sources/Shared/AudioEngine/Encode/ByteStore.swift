import CLinux
import Glibc

/// A file that is deleted with its last reference.
package final class TemporaryFile: Sendable {
    package let path: String
    package let byteCount: Int

    init(path: String, byteCount: Int) {
        self.path = path
        self.byteCount = byteCount
    }

    deinit { unsafe _ = unlink(path) }
}

/// Where an encoder's bytes go: memory at first, an unlinked-on-release temporary file once they are many.
///
/// Supports the one kind of rewriting that containers need: patching a header at the end.
final class ByteStore {
    private static let largestInMemory = 4 << 20

    private var memory: [UInt8] = []
    private var spilled: Spill?
    private(set) var count = 0

    /// A temporary file in the making; removed unless it is handed over.
    private final class Spill {
        let file: FileDescriptor
        let path: String
        var isHandedOver = false

        init() throws(AudioError) {
            let directory = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
            var template = Array("\(directory)/speechcoach-XXXXXX".utf8CString)
            let raw = unsafe template.withUnsafeMutableBufferPointer {
                unsafe coach_temporary_file($0.baseAddress)
            }
            guard raw >= 0 else { throw .io(operation: "temporary file", errno: errno) }
            file = FileDescriptor(adopting: raw)
            path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }

        deinit { if !isHandedOver { unsafe _ = unlink(path) } }
    }

    func append(_ bytes: Span<UInt8>) throws(AudioError) {
        count += bytes.count
        if let spilled { return try spilled.file.write(bytes) }
        unsafe bytes.withUnsafeBufferPointer { unsafe memory.append(contentsOf: $0) }
        guard memory.count > Self.largestInMemory else { return }
        let spill = try Spill()
        let held = memory
        try spill.file.write(held.span)
        memory = []
        spilled = spill
    }

    func append(_ bytes: [UInt8]) throws(AudioError) { try append(bytes.span) }

    /// Overwrites bytes that were appended before.
    func patch(_ bytes: Span<UInt8>, at offset: Int) throws(AudioError) {
        if let spilled { return try spilled.file.write(bytes, at: offset) }
        for index in bytes.indices where memory.indices.contains(offset + index) {
            memory[offset + index] = bytes[index]
        }
    }

    /// Hands the bytes over; the store is empty afterwards.
    func take() -> UploadBody {
        defer {
            memory = []
            spilled = nil
            count = 0
        }
        guard let spilled else { return .bytes(memory) }
        spilled.isHandedOver = true
        return .file(TemporaryFile(path: spilled.path, byteCount: count))
    }
}
