import Testing

@testable import AudioEngine

@Suite struct PauseCutterTests {
    /// Speech as `#`, silence as `.`, one letter per 100 ms.
    private func kept(_ picture: String, by step: Int = 7) -> [Range<Int>] {
        let flags = picture.flatMap { [Bool](repeating: $0 == "#", count: 10) }
        var cutter = PauseCutter()
        var cuts: [PauseCutter.Cut] = []
        for start in stride(from: 0, to: flags.count, by: step) {
            cuts += cutter.advance(flags[start..<min(start + step, flags.count)])
        }
        cuts += cutter.finish()
        var spans: [Range<Int>] = []
        var isOpen = false
        for cut in cuts {
            switch cut {
            case .keep(let range):
                if isOpen, let last = spans.last {
                    #expect(last.upperBound == range.lowerBound)
                    spans[spans.count - 1] = last.lowerBound..<range.upperBound
                } else {
                    spans.append(range)
                }
                isOpen = true
            case .close: isOpen = false
            }
        }
        return spans
    }

    @Test func `a pause of four tenths of a second is kept whole`() {
        #expect(kept("###....###") == [0..<100])
    }

    @Test func `a long pause keeps 0.15 s after and 0.1 s before speech`() {
        #expect(kept("###..........###") == [0..<45, 120..<160])
    }

    @Test func `silence at both ends is shortened`() {
        #expect(kept("..........##..........") == [90..<135])
    }

    @Test func `a short silence at the beginning is left alone`() {
        #expect(kept("..##..") == [0..<55])
    }

    @Test func `a note without speech keeps nothing`() {
        #expect(kept("..........").isEmpty)
    }

    @Test func `steps do not matter`() {
        let picture = "..##......#.#.......####..........#.....##..............."
        #expect(kept(picture, by: 1) == kept(picture, by: 1_000))
        #expect(kept(picture, by: 13) == kept(picture, by: 1_000))
    }

    @Test func `every speech frame is kept, spans are ordered, and nothing is asked for twice`() {
        var random = SeededGenerator(seed: 5)
        for _ in 0..<300 {
            var flags: [Bool] = []
            while flags.count < 600 {
                flags += [Bool](repeating: flags.count % 2 == 0, count: Int(random.next() % 120) + 1)
            }
            var cutter = PauseCutter()
            var kept = Set<Int>()
            var last = 0
            for start in stride(from: 0, to: flags.count, by: 17) {
                let needed = cutter.needed
                for cut in cutter.advance(flags[start..<min(start + 17, flags.count)]) {
                    guard case .keep(let range) = cut else { continue }
                    #expect(range.lowerBound >= last && range.lowerBound >= needed)
                    last = range.upperBound
                    kept.formUnion(range)
                }
            }
            for cut in cutter.finish() { if case .keep(let range) = cut { kept.formUnion(range) } }
            for (frame, isSpeech) in flags.enumerated() where isSpeech { #expect(kept.contains(frame)) }
        }
    }
}
