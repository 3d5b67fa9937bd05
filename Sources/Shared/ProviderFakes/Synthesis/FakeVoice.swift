import Foundation

/// A voice that hums for as long as a person would need for a text, in the forms in which vendors send sound.
struct FakeVoice {
    /// Characters a second, spaces included.
    private static let pace = 15.0

    let seconds: Double
    /// Sounds nowhere.
    let isSilent: Bool

    init(text: String, isSilent: Bool = false) {
        seconds = max(0.9, Double(text.count) / Self.pace)
        self.isSilent = isSilent
    }

    /// Signed 16-bit little-endian samples, one channel.
    func samples(rateHz: Int) -> [UInt8] {
        (0..<Int(seconds * Double(rateHz))).flatMap { index -> [UInt8] in
            let time = Double(index) / Double(rateHz)
            let hum = (1...6).reduce(0.0) { $0 + sin(2 * .pi * 140 * Double($1) * time) / Double($1) }
            let sample = isSilent ? 0 : Int16(4_000 * hum * (0.4 + 0.6 * abs(sin(4 * .pi * time))))
            return [UInt8(truncatingIfNeeded: sample), UInt8(truncatingIfNeeded: sample >> 8)]
        }
    }

    /// RIFF/WAVE as it comes out of a stream: the header does not know the length.
    func wave(rateHz: Int = 24_000) -> [UInt8] {
        Array("RIFF".utf8) + Self.little(0xFFFF_FFFF, 4) + Array("WAVEfmt ".utf8) + Self.little(16, 4)
            + Self.little(1, 2) + Self.little(1, 2) + Self.little(rateHz, 4) + Self.little(2 * rateHz, 4)
            + Self.little(2, 2) + Self.little(16, 2) + Array("data".utf8) + Self.little(0xFFFF_FFFF, 4)
            + samples(rateHz: rateHz)
    }

    /// Ogg/Opus (RFC 7845), one page for about half a second.
    var opus: [UInt8] {
        let head =
            Array("OpusHead".utf8) + [1, 1] + Self.little(312, 2) + Self.little(24_000, 4) + [0, 0, 0]
        let tags = Array("OpusTags".utf8) + Self.little(4, 4) + Array("fake".utf8) + Self.little(0, 4)
        var pages = OggPages()
        pages.add([head], granule: 0, flags: 2)
        pages.add([tags], granule: 0)
        // A packet lasts 60 ms; one that is empty but for its first byte is silence.
        let total = Int((seconds / 0.06).rounded(.up))
        var made = 0
        while made < total {
            let count = min(8, total - made)
            let packets = (made..<made + count).map { number in
                isSilent ? [0x58] : Self.packets[number % Self.packets.count]
            }
            made += count
            pages.add(packets, granule: made * 2_880, flags: made == total ? 4 : 0)
        }
        return pages.bytes
    }

    fileprivate static func little(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    /// A second of a hum, encoded by libopus; each packet behind its length.
    private static let packets: [[UInt8]] = {
        var rest = (Data(base64Encoded: recording) ?? Data())[...]
        var packets: [[UInt8]] = []
        while let length = rest.popFirst().map(Int.init) {
            packets.append(Array(rest.prefix(length)))
            rest = rest.dropFirst(length)
        }
        return packets
    }()

    private static let recording = """
        U1joakaDOet/z9NjhuvjzGQvu/rsKkKLPuVDqNg2GSxPo+46vmL6cRvWVx3NknSZvz7UH8rXdrDfMKzN81Udx59t6neGsL3P\
        YZAGkl0SeDZPjhdASVjo9MldYQdBbTqbhXWpBZPPSVUYIGTRoXI/HfWywgIGOLVMdWO78/bOpQfOdrtOneKZ2MYiX4pexsrE\
        L2keR20kdmDHz11hMCA0WOj0wJpCXhtR1bWLD1rUHLFEhEuKhUBrAmubgmw3lB5LruQGwXB6W3IWF1maA/8Cm/RKXkZY55Ab\
        2m6a7Pyr0XDAvkv5hJJLxc5Vb95ft2P+4YdtVxnRodGUhjltgKoizvkNU1ircHd/303Vv8vcxTYt/S6n99utdI5sSljooNei\
        zSr8P/H5GCTlcJPJy8l+LcjzY4zrmFSCnEyP45+f96oT0Au25DpCFUd5BoO7S/8crvZTVKgSmGWrNxl2XskBSqNjVuI4Yljo\
        9LZe2zQqSQDWUeYb0XvRawJDl3Yrh7uzDHmRHSLwaSfAxpx5mGReLmPZSd+lfXACeLW/Ap2ANXnE13J2mg8Qwkwaqt+b5Idi\
        6uGp7Cjx322p6k1HvyC2aUqOpWHeHpywUVjJkOK//tRqkC18e9udeEsiTebRSRmZJ635o9giu2dCs5Emc2VANPvWreEccazr\
        J9C8wTKaQh9E0bb2tKfou7viH65/2UDFtL/hUxud+K9CYEpYAXaswbdd2NTScQPbxrfBRXP+pcUMWxN91cIdu2RRrXvoxeGI\
        VzPp1Juy5C2KRPjHHcLf4YRPGKqVflZVU0QYXaXYYOQKoubZ60FY6ANeuKc5PxHzRBcg2YdLUyq6FeI23V0QvL7CWyBKknUd\
        ZpcsoezodfHtNnUdEDSxEQoDio8wvPAao9jQmopPYEFY6PS2Xvy04G07Wab5WHeqvYAYUb+U0XSvGs7EfDkYQD/DKxL/YYoN\
        +55nTUf59ijt24eXODKwMJvyyv6ZCPhRolhYiNuziAPs7xL5rkgdl9OtKehwmdj2PCZqSjhTqymiBnNm1BEfwxfM2PZR+TMj\
        utrTT0/PDhhgZ8BMSydMVyTnF/6urdLrLudY3MRuIoqPF8A3p1JKER+8TlgBfUIL9749CyOvz66npkn6VLxASWnx6MMFO+66\
        3GGOiljI+R3KcwMIxHAU137/rZH/gjfeTmIW/Z+YhCtD0JXwVulhZhTXe6MKF4xKSFFY6AsFTCU4TgDuYwN2KhEXKkhU6WVR\
        r/NgFThARJ2jJoWh2Ep2BzBxZSJVYUFPFc8eUBy2+CSFd5xtyDfeG1IzZ6ElzJ2hQfsODT7vw7PpJvBOWOivNUzhY0rqhfT6\
        jnSjbYT/p544ARGHJQwHh0RQ2DjFEI/RDmITIeY06dsyifPTAV6oHDRSyh6bQ2K98jvDsz8LsAJQ3UhmH83Yk3OAPljpRS23\
        zmmzcIi+kpOwEQkOF+vhK86dtUM7FkPUwDUVLQpHBA505VY2JEO6q/eC4gaQmhSbC0dbv4VoNRFs
        """
}

/// Pages of one logical Ogg stream (RFC 3533).
private struct OggPages {
    private(set) var bytes: [UInt8] = []
    private var count = 0

    /// - Parameter flags: 2 at the beginning, 4 at the end.
    mutating func add(_ packets: [[UInt8]], granule: Int, flags: UInt8 = 0) {
        // None of these packets is as long as a segment.
        var page =
            Array("OggS".utf8) + [0, flags] + FakeVoice.little(granule, 8) + FakeVoice.little(7, 4)
            + FakeVoice.little(count, 4) + [0, 0, 0, 0, UInt8(packets.count)]
        page += packets.map { UInt8($0.count) } + packets.flatMap(\.self)
        let sum = page.reduce(UInt32(0)) { sum, byte in
            sum << 8 ^ Self.table[Int(sum >> 24 ^ UInt32(byte))]
        }
        page.replaceSubrange(22..<26, with: FakeVoice.little(Int(sum), 4))
        bytes += page
        count += 1
    }

    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index) << 24) { sum, _ in
            sum & 0x8000_0000 != 0 ? sum << 1 ^ 0x04C1_1DB7 : sum << 1
        }
    }
}
