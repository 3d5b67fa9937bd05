/// Repairs the checksums of mutated Ogg pages; without it libogg would throw nearly every mutation away
/// before the engine saw it.
enum OggChecksums {
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte) << 24) { crc, _ in
            crc & 0x8000_0000 != 0 ? (crc << 1) ^ 0x04C1_1DB7 : crc << 1
        }
    }

    static func repair(_ file: inout [UInt8]) {
        var start = 0
        while start + 27 <= file.count {
            guard file[start...].starts(with: "OggS".utf8) else {
                start += 1
                continue
            }
            let body = start + 27 + Int(file[start + 26])
            guard body <= file.count else { return }
            let end = body + file[(start + 27)..<body].reduce(0) { $0 + Int($1) }
            guard end <= file.count else { return }
            file.replaceSubrange((start + 22)..<(start + 26), with: [0, 0, 0, 0])
            let crc = file[start..<end].reduce(UInt32(0)) { crc, byte in
                (crc << 8) ^ table[Int(UInt8(truncatingIfNeeded: crc >> 24) ^ byte)]
            }
            for index in 0..<4 {
                file[start + 22 + index] = UInt8(truncatingIfNeeded: crc >> UInt32(8 * index))
            }
            start = end
        }
    }
}
