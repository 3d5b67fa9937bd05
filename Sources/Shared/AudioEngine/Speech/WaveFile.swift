/// RIFF/WAVE of 16-bit samples at its own rate, as synthesisers write it.
///
/// Written into a pipe, the header cannot know how long the sound will be: sizes from a gigabyte up, and zero
/// before sound, mean "up to the end".
struct WaveFile {
    let rateHz: Int
    /// Mixed down to one channel.
    let samples: [Int16]

    /// - Returns: `nil` when it is some other kind of file, or holds samples of another kind.
    /// - Throws: ``AudioError/damaged`` when there is less sound than the header says.
    init?(_ bytes: [UInt8]) throws(AudioError) {
        guard bytes.count > 44, bytes.starts(with: "RIFF".utf8), bytes[8..<12].elementsEqual("WAVE".utf8)
        else { return nil }
        func number(_ place: Int, _ count: Int) -> Int {
            (0..<count).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
        }
        var place = 12
        var format: (channels: Int, rate: Int)?
        while place + 8 <= bytes.count {
            let size = number(place + 4, 4)
            let body = place + 8
            let name = bytes[place..<place + 4]
            if name.elementsEqual("fmt ".utf8), body + 16 <= bytes.count {
                guard number(body, 2) == 1, number(body + 14, 2) == 16 else { return nil }
                format = (number(body + 2, 2), number(body + 4, 4))
            } else if name.elementsEqual("data".utf8) {
                guard let format, (1...8).contains(format.channels) else { throw .damaged }
                let rest = bytes.count - body
                let isOpenEnded = size == 0 || size >= 1 << 30
                guard isOpenEnded || size <= rest else { throw .damaged }
                let frame = 2 * format.channels
                let length = (isOpenEnded ? rest : size) / frame * frame
                rateHz = format.rate
                samples = Self.mixed(Self.samples(bytes[body..<body + length]), format.channels)
                return
            }
            place = body + size + size % 2
        }
        throw .damaged
    }

    /// Signed 16-bit little-endian.
    static func samples(_ bytes: some Collection<UInt8>) -> [Int16] {
        var samples: [Int16] = []
        samples.reserveCapacity(bytes.count / 2)
        var low: UInt8?
        for byte in bytes {
            if let first = low {
                samples.append(Int16(bitPattern: UInt16(first) | UInt16(byte) << 8))
                low = nil
            } else {
                low = byte
            }
        }
        return samples
    }

    private static func mixed(_ samples: [Int16], _ channels: Int) -> [Int16] {
        guard channels > 1 else { return samples }
        return stride(from: 0, to: samples.count, by: channels).map { start in
            let sum = samples[start..<start + channels].reduce(0) { $0 + Int($1) }
            return Int16(sum / channels)
        }
    }
}
