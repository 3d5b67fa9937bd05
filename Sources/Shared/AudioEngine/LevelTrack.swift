/// The level of a note over time: one value per 10 ms, half a decibel fine, one byte each.
package struct LevelTrack: Hashable, Sendable {
    /// Distance of two values in seconds.
    package static let hopSeconds = 0.01
    /// The quietest level told apart, in dB relative to full scale.
    package static let silenceDB: Float = -110

    /// `2 · (dB + 110)`, so that an hour takes 360 kB.
    private(set) var codes: [UInt8] = []

    package init() {}

    package var count: Int { codes.count }

    /// RMS level in dB relative to full scale, −110…0. Frames that were never measured are silence.
    package subscript(frame: Int) -> Float {
        codes.indices.contains(frame) ? Self.decibels(code: codes[frame]) : Self.silenceDB
    }

    mutating func append(code: UInt8) { codes.append(code) }

    static func decibels(code: UInt8) -> Float { Float(code) / 2 + silenceDB }

    static func code(decibels: Float) -> UInt8 {
        UInt8(min(max((decibels - silenceDB) * 2, 0), 255).rounded())
    }
}
