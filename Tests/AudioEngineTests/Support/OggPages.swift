/// Takes Ogg files apart and repairs their checksums, to damage notes in chosen places.
enum OggPages {
    static func split(_ file: [UInt8]) -> [[UInt8]] {
        var pages: [[UInt8]] = []
        var start = 0
        while start + 27 <= file.count, file[start...].starts(with: "OggS".utf8) {
            let segments = Int(file[start + 26])
            let body = file[(start + 27)..<(start + 27 + segments)].reduce(0) { $0 + Int($1) }
            let end = start + 27 + segments + body
            pages.append(Array(file[start..<end]))
            start = end
        }
        return pages
    }

    static func fixChecksums(_ file: inout [UInt8]) {
        file = split(file).flatMap { page in
            var page = page
            page.replaceSubrange(22..<26, with: [0, 0, 0, 0])
            var crc: UInt32 = 0
            for byte in page {
                crc ^= UInt32(byte) << 24
                for _ in 0..<8 { crc = crc & 0x8000_0000 != 0 ? (crc << 1) ^ 0x04C1_1DB7 : crc << 1 }
            }
            for index in 0..<4 { page[22 + index] = UInt8(truncatingIfNeeded: crc >> UInt32(8 * index)) }
            return page
        }
    }

    /// A page holding whole packets.
    static func page(
        _ packets: [[UInt8]], granule: Int64, sequence: UInt32, flags: UInt8 = 0, serial: UInt32 = 1
    ) -> [UInt8] {
        var page = Array("OggS".utf8) + [0, flags]
        for index in 0..<8 { page.append(UInt8(truncatingIfNeeded: granule >> Int64(8 * index))) }
        for value in [serial, sequence, 0] {
            for index in 0..<4 { page.append(UInt8(truncatingIfNeeded: value >> UInt32(8 * index))) }
        }
        let lacing = packets.flatMap {
            [UInt8](repeating: 255, count: $0.count / 255) + [UInt8($0.count % 255)]
        }
        page += [UInt8(lacing.count)] + lacing + packets.joined()
        fixChecksums(&page)
        return page
    }
}
