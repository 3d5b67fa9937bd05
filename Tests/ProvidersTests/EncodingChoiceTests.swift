import Testing

@testable import Providers

@Suite struct EncodingChoiceTests {
    private static let usual: [AudioEncoding] = [.flac, .oggOpus, .wav]

    private func choice(
        _ encodings: [AudioEncoding] = usual, seconds: Double = 10, limit: Int? = 25_000_000,
        megabits: Double?
    ) -> EncodingChoice {
        EncodingChoice(
            among: encodings, seconds: seconds, maximumPartBytes: limit,
            link: megabits.map { LinkSpeed(bytesPerSecond: $0 * 125_000) })
    }

    @Test func `lossless is the rule until a link is known to be slow`() {
        #expect(choice(megabits: nil).encoding == .flac)
        #expect(choice(megabits: nil).reason == "link not measured yet")
        #expect(choice(megabits: 100).encoding == .flac)
        #expect(choice(megabits: 2).encoding == .oggOpus)
        #expect(choice(megabits: 2).reason == "uplink of 2.0 Mbit/s")
    }

    @Test func `the longer the note, the faster the link has to be`() {
        // 10 s: Opus saves 0.1 s below 9 Mbit/s; 5 min: below some 29 Mbit/s.
        #expect(choice(seconds: 10, megabits: 8).encoding == .oggOpus)
        #expect(choice(seconds: 10, megabits: 12).encoding == .flac)
        #expect(choice(seconds: 300, megabits: 12).encoding == .oggOpus)
        #expect(choice(seconds: 300, megabits: 28).encoding == .oggOpus)
        // From here on Opus takes longer to make than it saves, whatever the length.
        #expect(choice(seconds: 300, megabits: 40).encoding == .flac)
    }

    @Test func `a note that fits one part only as Opus becomes Opus, however fast the link`() {
        let long = choice(seconds: 1_500, megabits: 1_000)
        #expect(long.encoding == .oggOpus)
        #expect(long.reason == "one part instead of several under the provider's limit")
        #expect(choice(seconds: 1_000, megabits: 1_000).encoding == .flac)
        // Where both need several parts, splitting is no argument.
        #expect(choice(seconds: 20_000, megabits: 1_000).encoding == .flac)
        #expect(choice(seconds: 1_500, limit: nil, megabits: 1_000).encoding == .flac)
    }

    @Test func `a recogniser gets only what it takes`() {
        #expect(choice([.pcm16], megabits: 0.1).encoding == .pcm16)
        #expect(choice([.pcm16], megabits: 0.1).reason == "the only form it takes")
        #expect(choice([.wav, .flac], megabits: 0.1).encoding == .wav)
        #expect(choice([.oggOpus, .flac], megabits: 1_000).encoding == .oggOpus)
    }

    @Test func `a link is judged by the slow uploads among its latest`() throws {
        #expect(LinkSpeed(bytes: 1_000, in: .seconds(1)) == nil)
        #expect(LinkSpeed(bytes: 100_000, in: .zero) == nil)
        var speed = try #require(LinkSpeed(bytes: 1_000_000, in: .seconds(1)))
        #expect(speed.megabitsPerSecond == 8)
        speed.note(LinkSpeed(bytesPerSecond: 100_000))
        // A tenth of the speed for three tenths of the time.
        #expect(abs(speed.bytesPerSecond - 1 / (0.7e-6 + 0.3e-5)) < 1)
        for _ in 0..<30 { speed.note(LinkSpeed(bytesPerSecond: 2_000_000)) }
        #expect(abs(speed.bytesPerSecond - 2_000_000) < 1_000)
    }
}
