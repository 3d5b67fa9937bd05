/// Where the bytes of a note are.
package enum AudioSource: Sendable {
    /// A file on this machine. Its name is never believed, only its bytes.
    case file(String)
    /// The whole note in memory.
    case bytes([UInt8])
}

/// The one sample format inside the engine: 16-bit, mono, 16 kHz, what every recogniser works at.
package enum EngineFormat {
    package static let sampleRateHz = 16_000

    static func seconds(_ samples: Int) -> Double { Double(samples) / Double(sampleRateHz) }
}
