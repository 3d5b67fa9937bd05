import Testing

@testable import AudioEngine

@Suite struct AudioSnifferTests {
    @Test func `text is named, whatever its file is called`() {
        #expect(AudioSniffer.sniff(Array("Dear diary".utf8)) == .other("text"))
    }
}
