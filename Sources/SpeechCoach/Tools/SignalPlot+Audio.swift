import AudioEngine
import CoachDomain
import Foundation
import Pictures
import ServiceKit
import SpeechAnalysis

extension SignalPlot {
    /// What was done to a file, with the pitch that was followed on the way.
    init(of file: String, _ audio: PreparedAudio, _ voice: AcousticTrack) {
        let share = audio.originalSeconds > 0 ? audio.uploadSeconds / audio.originalSeconds : 0
        self.init(
            title: URL(fileURLWithPath: file).lastPathComponent,
            caption: String(
                format: "%.1f s → %.1f s (%d %%), speed %.2f: %@", audio.originalSeconds,
                audio.uploadSeconds, Int((share * 100).rounded()), audio.speed, audio.speedReason),
            seconds: audio.originalSeconds,
            levels: (0..<audio.levels.count).map { Double(audio.levels[$0]) },
            kept: audio.timeline.segments.map {
                Stretch(start: $0.original.start, end: $0.original.end)
            },
            speech: audio.speechSpans.map { Stretch(start: $0.start, end: $0.end) },
            pitch: voice.pitch.hertz.map(Double.init))
    }

    /// Draws it into a file.
    func write(to path: String) async throws {
        do {
            try Data(try await png()).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch PictureError.noFont(let mend) {
            throw CommandFailure(.failed, "\(path): there is no typeface to draw with; \(mend)")
        } catch let error as PictureError {
            throw CommandFailure(.failed, "\(path): cannot be drawn: \(error)")
        } catch {
            throw CommandFailure(.failed, "\(path): cannot be written: \(error.localizedDescription)")
        }
    }
}
