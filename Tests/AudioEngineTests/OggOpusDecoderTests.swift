import CoachDomain
import Foundation
import Testing

@testable import AudioEngine

@Suite struct OggOpusDecoderTests {
    static let speech = SyntheticSpeech(pauses: [0.4, 0.9, 0.7]).signal

    private func decode(_ bytes: [UInt8], chunk: Int = 4_096) throws -> (
        samples: [Int16], damage: AudioDamage
    ) {
        let decoder = OggOpusDecoder()
        var sink = SampleCollector()
        for start in stride(from: 0, to: bytes.count, by: chunk) {
            try decoder.feed(bytes.span.extracting(start..<min(start + chunk, bytes.count)), into: &sink)
        }
        try decoder.finish(into: &sink)
        return (sink.samples, decoder.damage)
    }

    @Test(arguments: TelegramClient.allCases)
    func `every client's note decodes to its own length, in time and undamaged`(_ client: TelegramClient)
        throws
    {
        let (samples, damage) = try decode(try client.note(Self.speech))
        #expect(!damage.isPartial)
        #expect(abs(samples.count - Self.speech.samples.count) <= 1)
        #expect(abs(delay(of: samples, against: Self.speech.int16)) <= 2)
    }

    @Test func `chunk borders make no difference`() throws {
        let note = try TelegramClient.desktop.note(Self.speech)
        let whole = try decode(note, chunk: note.count)
        #expect(try decode(note, chunk: 1_000).samples == whole.samples)
        #expect(try decode(note, chunk: 37).samples == whole.samples)
    }

    @Test func `a lost page becomes silence and later times hold`() throws {
        let note = try TelegramClient.oldAndroid.note(Self.speech)
        let pages = OggPages.split(note)
        let whole = try decode(note)
        let torn = try decode(Array(pages[..<4].joined()) + Array(pages[5...].joined()))
        #expect(torn.damage.isPartial)
        #expect(torn.damage.missing.count == 1)
        #expect(torn.samples.count == whole.samples.count)
        let gap = try #require(torn.damage.missing.first)
        #expect(abs(gap.duration - 0.96) < 0.001)
        let after = Int((gap.end + 0.3) * 16_000)
        #expect(abs(delay(of: Array(torn.samples[after...]), against: Array(whole.samples[after...]))) <= 1)
    }

    @Test func `a flipped byte costs its page and nothing else`() throws {
        let note = try TelegramClient.desktop.note(Self.speech)
        let pages = OggPages.split(note)
        var flipped = note
        flipped[pages[..<3].joined().count + pages[3].count / 2] ^= 0x40
        let result = try decode(flipped)
        #expect(result.damage.missing.count == 1)
        #expect(abs(result.samples.count - Self.speech.samples.count) <= 1)
    }

    @Test func `a truncated note is partial`() throws {
        let note = try TelegramClient.desktop.note(Self.speech)
        let middle = try decode(Array(note.prefix(note.count / 2)))
        #expect(middle.damage.isTruncated)
        #expect(middle.samples.count > 16_000)
        let pages = OggPages.split(note)
        #expect(try decode(Array(pages.dropLast().joined())).damage.isTruncated)
        #expect(try decode(Array(note.prefix(40))).damage.isTruncated)
    }

    @Test func `chained streams play one after the other`() throws {
        let first = try TelegramClient.desktop.note(.tone(300, 1))
        let second = try TelegramClient.oldAndroid.note(.tone(600, 0.5))
        let (samples, damage) = try decode(first + second)
        #expect(samples.count == 24_000)
        #expect(!damage.isPartial)
        #expect(Signal.amplitude(of: 300, in: samples[2_000..<14_000]) > 0.3)
        #expect(Signal.amplitude(of: 600, in: samples[18_000..<23_000]) > 0.3)
    }

    @Test func `the header's gain is applied`() throws {
        var note = try TelegramClient.desktop.note(.tone(440, 1, amplitude: 0.1))
        let plain = try decode(note).samples
        // +6 dB in Q7.8, then the page's checksum anew.
        let at = 28 + 16
        note[at] = 0
        note[at + 1] = 6
        OggPages.fixChecksums(&note)
        let louder = try decode(note).samples
        let ratio =
            Signal.amplitude(of: 440, in: louder[4_000..<12_000])
            / Signal.amplitude(of: 440, in: plain[4_000..<12_000])
        #expect(abs(20 * log10(ratio) - 6) < 0.1)
    }

    @Test func `a tone keeps its level within half a decibel up to 6 kHz`() throws {
        for hertz in [200.0, 1_000, 3_000, 6_000] {
            let samples = try decode(try TelegramClient.newAndroid.note(.tone(hertz, 1, amplitude: 0.25)))
                .samples
            let level = 20 * log10(Signal.amplitude(of: hertz, in: samples[4_000..<14_000]) / 0.25)
            #expect(abs(level) < 0.5, "\(hertz) Hz: \(level) dB")
        }
    }
}

/// Samples by which `samples` lags behind `reference`, by the best match of ±50.
func delay(of samples: [Int16], against reference: [Int16]) -> Int {
    let count = min(samples.count, reference.count, 24_000)
    var best = (lag: 0, score: -Double.infinity)
    for lag in -50...50 {
        var sum = 0.0
        for index in stride(from: 60, to: count - 60, by: 1) {
            sum += Double(samples[index + lag]) * Double(reference[index])
        }
        if sum > best.score { best = (lag, sum) }
    }
    return best.lag
}
