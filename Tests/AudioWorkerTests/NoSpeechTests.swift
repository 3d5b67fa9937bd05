import AudioEngine
import AudioWorker
import CoachDomain
import CoachStore
import Foundation
import Providers
import Testing

/// Notes without a voice, through the real engine: nobody is paid, nothing is invented.
@Suite struct NoSpeechTests {
    private func outcome(
        of sound: [Float], by recognizer: InventingRecognizer
    ) async throws -> Result<NoteTranscriber.Result, NoteTranscriber.Failure> {
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).wav")
        try Sounds.wav(sound).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let transcriber = NoteTranscriber(
            engine: AudioEngine(threads: 1),
            chain: SpeechChain(
                recognizers: [recognizer], prices: try PriceTable.bundled(), health: ProviderHealth()),
            options: PreparationOptions())
        do throws(NoteTranscriber.Failure) {
            return .success(
                try await transcriber.transcribe(
                    file: file.path, declaredSeconds: nil,
                    context: CallContext(deadline: .now + .seconds(60), language: nil)))
        } catch {
            return .failure(error)
        }
    }

    @Test(arguments: Sounds.Kind.allCases, [-60.0, -35, -12])
    func `no voice, no call, no words`(kind: Sounds.Kind, decibels: Double) async throws {
        let recognizer = InventingRecognizer()
        switch try await outcome(of: Sounds.made(kind, decibels: decibels), by: recognizer) {
        case .success(let result): Issue.record("heard: \(result.note.metrics.measures.count) measures")
        case .failure(let failure):
            guard case .noSpeech = failure.reason else {
                Issue.record("\(failure)")
                return
            }
            #expect(failure.calls.isEmpty)
        }
        #expect(recognizer.calls == 0)
    }

    @Test func `a voice reaches the recogniser`() async throws {
        let recognizer = InventingRecognizer()
        let result = try await outcome(of: Sounds.voice(seconds: 4), by: recognizer).get()
        #expect(recognizer.calls == 1)
        #expect(result.note.transcript.text == InventingRecognizer.sentence)
        #expect(result.note.metrics[.pitchMedianHz] != nil && result.note.metrics.contours != nil)
    }
}
