import Foundation

/// 16 kHz mono audio in one of the forms in which it arrives.
package enum PCMAudio: Sendable {
    case samples([Int16])
    /// Headerless little-endian 16-bit; a last odd byte is ignored.
    case bytes([UInt8])
    /// A file of such bytes, read on the recogniser's thread.
    case file(path: String)

    /// Blocks while a file is read.
    func load() throws(PocketSphinxError) -> [Int16] {
        switch self {
        case .samples(let samples): return samples
        case .bytes(let bytes): return Self.samples(of: bytes)
        case .file(let path):
            guard let data = FileManager.default.contents(atPath: path) else { throw .audioUnreadable }
            return Self.samples(of: [UInt8](data))
        }
    }

    private static func samples(of bytes: [UInt8]) -> [Int16] {
        (0..<bytes.count / 2).map { index in
            Int16(bitPattern: UInt16(bytes[2 * index]) | UInt16(bytes[2 * index + 1]) << 8)
        }
    }
}
