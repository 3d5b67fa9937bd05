import CoachDomain
import PocketSphinx
import Testing

@testable import Providers

@Suite struct PocketSphinxRecognizerTests {
    private func recognizer() throws -> PocketSphinxRecognizer {
        PocketSphinxRecognizer(pool: PocketSphinxPool(model: try PocketSphinxModel(), threads: 1))
    }

    @Test func `it asks for plain samples at the speed of speaking`() throws {
        let descriptor = try recognizer().descriptor
        #expect(descriptor.requirement.encodings == [.pcm16] && !descriptor.requirement.mayBeSpedUp)
        #expect(descriptor.isLocal && descriptor.name == "pocketsphinx")
        #expect(
            descriptor.understands("en-GB") && descriptor.understands(nil) && !descriptor.understands("fr"))
        #expect(descriptor.capabilities.fillers == .lowerBound)
    }

    @Test func `silence is no words and costs nothing`() async throws {
        let audio = RecognizerAudio(
            encoding: .pcm16,
            parts: [
                .init(content: .bytes([UInt8](repeating: 0, count: 32_000)), span: TimeSpan(start: 0, end: 1))
            ],
            timeline: .identity(seconds: 1))
        let heard = try await recognizer().transcribe(audio, context: Samples.context())
        #expect(heard.text.isEmpty && heard.words.isEmpty)
        #expect(heard.usage.audioSeconds == 1)
    }

    @Test func `other encodings are refused`() async throws {
        let recognizer = try recognizer()
        await #expect(throws: ProviderError.requestInvalid(code: "not_pcm16")) {
            _ = try await recognizer.transcribe(Samples.audio(), context: Samples.context())
        }
    }
}
