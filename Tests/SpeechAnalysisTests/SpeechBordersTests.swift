import CoachDomain
import Foundation
import Testing

@testable import SpeechAnalysis

@Suite struct SpeechBordersTests {
    private func refined(_ signal: [Double], _ spans: [(Double, Double)]) -> [TimeSpan] {
        SpeechBorders(Signals.track(signal)).refined(spans.map { TimeSpan(start: $0.0, end: $0.1) })
    }

    private func isClose(_ found: [TimeSpan], _ wanted: [(Double, Double)], within: Double = 0.025) -> Bool {
        found.count == wanted.count
            && zip(found, wanted).allSatisfy {
                abs($0.start - $1.0) <= within && abs($0.end - $1.1) <= within
            }
    }

    private func voice(_ seconds: Double, amplitude: Double = 8_000) -> [Double] {
        Signals.voice(seconds: seconds, hertz: { _ in 150 }, amplitude: amplitude)
    }

    /// An "s": noise without its low half.
    private func hiss(_ seconds: Double, amplitude: Double) -> [Double] {
        let noise = Signals.noise(seconds: seconds, amplitude: amplitude, seed: 5)
        return zip(noise, noise.dropFirst() + [0]).map { $0 - $1 }
    }

    private func silence(_ seconds: Double) -> [Double] { Signals.silence(seconds: seconds) }

    private func noisy(_ signal: [Double], amplitude: Double) -> [Double] {
        let noise = Signals.noise(seconds: Double(signal.count) / Signals.rate, amplitude: amplitude, seed: 9)
        return zip(signal, noise).map(+)
    }

    @Test func `in a quiet room exact borders stay as they are`() {
        let signal = silence(0.5) + voice(1) + silence(0.5) + voice(1) + silence(0.5)
        let spans = [(0.503, 1.497), (2.003, 2.998)]
        #expect(refined(signal, spans) == spans.map { TimeSpan(start: $0.0, end: $0.1) })
    }

    @Test(arguments: [300.0, 900])
    func `a pause that the detector bridged in noise is found`(amplitude: Double) {
        let clean = silence(0.5) + voice(1) + silence(0.4) + voice(1) + silence(0.5)
        let found = refined(noisy(clean, amplitude: amplitude), [(0.45, 3.2)])
        #expect(isClose(found, [(0.5, 1.5), (1.9, 2.9)]), "\(found)")
    }

    @Test func `a detector that holds on after a word is corrected`() {
        let clean = silence(0.5) + voice(1) + silence(1)
        let found = refined(noisy(clean, amplitude: 600), [(0.5, 1.75)])
        #expect(isClose(found, [(0.5, 1.5)]), "\(found)")
    }

    @Test func `an s at the end of a word is speech`() {
        let clean = silence(0.5) + voice(1) + hiss(0.15, amplitude: 1_500) + silence(1)
        let found = refined(noisy(clean, amplitude: 300), [(0.5, 1.9)])
        #expect(isClose(found, [(0.5, 1.65)]), "\(found)")
    }

    @Test func `the closure of a stop is no pause, its burst belongs to the word`() {
        let clean = silence(0.5) + voice(1) + silence(0.1) + hiss(0.03, amplitude: 4_000) + silence(1)
        let found = refined(clean, [(0.5, 1.63)])
        #expect(isClose(found, [(0.5, 1.63)], within: 0.01), "\(found)")
    }

    @Test func `what lies 40 dB below the voice is none of it`() {
        let signal = silence(0.5) + voice(1) + Signals.noise(seconds: 0.4, amplitude: 30) + silence(0.5)
        #expect(isClose(refined(signal, [(0.5, 1.9)]), [(0.5, 1.5)]))
    }

    @Test func `background that grows during a note is followed`() {
        let clean = silence(0.5) + voice(2) + silence(0.4) + voice(2) + silence(0.6)
        let growing = clean.enumerated().map { index, sample in
            let share = Double(index) / Double(clean.count)
            return sample + sin(Double(index) * Double(index % 7919)) * 400 * pow(4, share)
        }
        let found = refined(growing, [(0.5, 5.2)])
        #expect(isClose(found, [(0.5, 2.5), (2.9, 4.9)], within: 0.04), "\(found)")
    }

    @Test func `a stretch of mere background disappears`() {
        let clean = silence(0.5) + voice(1) + silence(2)
        let found = refined(noisy(clean, amplitude: 600), [(0.5, 1.5), (2.2, 2.5)])
        #expect(isClose(found, [(0.5, 1.5)]), "\(found)")
    }

    @Test func `where no band tells speech from noise, the detector is believed`() {
        let signal = Signals.noise(seconds: 3, amplitude: 3_000)
        #expect(refined(signal, [(0.5, 2)]) == [TimeSpan(start: 0.5, end: 2)])
    }

    @Test func `odd spans do no harm`() {
        let signal = voice(1)
        #expect(refined(signal, []).isEmpty)
        #expect(refined([], [(0, 1)]) == [TimeSpan(start: 0, end: 1)])
        #expect(refined(signal, [(0.2, 0.2)]).count <= 1)
        for span in refined(signal, [(-1, 0.5), (0.6, 9)]) { #expect(span.duration > 0) }
    }
}
