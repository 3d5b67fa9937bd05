extension UploadBody {
    /// All bytes, wherever they are. Blocks on the disk when they are in a file.
    ///
    /// - Throws: ``AudioError/io(operation:errno:)``.
    package func read() throws(AudioError) -> [UInt8] {
        switch self {
        case .bytes(let bytes): return bytes
        case .file(let file):
            let descriptor = try FileDescriptor(reading: file.path)
            var bytes: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 256 << 10)
            while true {
                let count = try descriptor.read(into: &buffer, at: bytes.count)
                if count == 0 { return bytes }
                bytes.append(contentsOf: buffer.prefix(count))
            }
        }
    }

    /// The samples of a body that was encoded as ``UploadEncoding/pcm16``.
    package func samples() throws(AudioError) -> [Int16] {
        let bytes = try read()
        return (0..<(bytes.count / 2)).map { index in
            Int16(bitPattern: UInt16(bytes[2 * index]) | UInt16(bytes[2 * index + 1]) << 8)
        }
    }
}
