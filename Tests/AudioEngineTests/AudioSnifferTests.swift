import Testing

@testable import AudioEngine

@Suite struct AudioSnifferTests {
    @Test func `text is named, whatever its file is called`() {
        #expect(AudioSniffer.sniff(Array("Dear diary".utf8)) == .other("text"))
    }

    @Test func `every Telegram client's note is Ogg Opus`() throws {
        for client in TelegramClient.allCases {
            #expect(AudioSniffer.sniff(try client.note(.tone(300, 0.2))) == .audio(.oggOpus))
        }
    }

    @Test(arguments: [
        ("RIFF\u{0}\u{0}\u{0}\u{0}WAVE", AudioFormat.wav), ("fLaC", .flac),
        ("\u{0}\u{0}\u{0}\u{18}ftypM4A ", .mp4),
        ("#!AMR\n", .amr),
    ])
    func `magic words decide`(_ prefix: String, _ format: AudioFormat) {
        #expect(AudioSniffer.sniff(Array(prefix.utf8)) == .audio(format))
    }

    @Test func `MPEG audio and ADTS are told apart by their layer bits`() {
        #expect(AudioSniffer.sniff([0xFF, 0xFB, 0x90, 0x64]) == .audio(.mp3))
        #expect(AudioSniffer.sniff([0xFF, 0xF1, 0x50, 0x80]) == .audio(.aac))
        #expect(AudioSniffer.sniff([0xFF, 0xFF, 0xFF, 0xFF]) == .other("unknown bytes"))
    }

    @Test func `a long ID3 tag says where to look again`() {
        #expect(
            AudioSniffer.sniff(Array("ID3".utf8) + [4, 0, 0, 0, 0, 0x7F, 0x7F]) == .tagUntil(offset: 16_393))
    }

    @Test func `RIFF files without sound and pictures are not audio`() {
        #expect(
            AudioSniffer.sniff(Array("RIFF\u{0}\u{0}\u{0}\u{0}AVI ".utf8)) == .other("RIFF without sound"))
        #expect(AudioSniffer.sniff([0x89, 0x50, 0x4E, 0x47, 0, 0]) == .other("picture"))
        #expect(AudioSniffer.sniff([]) == .other("nothing"))
    }

    @Test func `an Ogg stream of an unknown codec is refused`() {
        let page = Array("OggS".utf8) + [UInt8](repeating: 0, count: 22) + [1, 4] + Array("test".utf8)
        #expect(AudioSniffer.sniff(page) == .other("Ogg without a known audio stream"))
    }

    @Test func `no prefix makes the sniffer trap`() {
        var random = SeededGenerator(seed: 3)
        let marks = ["OggS", "ID3", "RIFF", "\u{0}\u{0}\u{0}\u{0}ftyp", "", "fLaC"]
        for round in 0..<3_000 {
            let length = Int(random.next() % 60)
            let noise = (0..<length).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            _ = AudioSniffer.sniff(Array(marks[round % marks.count].utf8) + noise)
        }
    }
}
