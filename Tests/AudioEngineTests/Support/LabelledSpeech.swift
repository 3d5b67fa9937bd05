import Foundation

@testable import AudioEngine

/// Spoken notes whose words are known.
struct LabelledNote {
    var audio: [UInt8]
    var text: String
}

enum LabelledSpeech {
    /// Names a folder of own recordings (`NAME.wav`, `.ogg`, … beside `NAME.txt`) to be used as well.
    static let folderVariable = "SPEECHCOACH_SPEECH_CORPUS"

    /// Harvard sentences (IEEE 1969, public domain), lists 1 and 2.
    private static let sentences = [
        [
            "The birch canoe slid on the smooth planks.", "Glue the sheet to the dark blue background.",
            "It's easy to tell the depth of a well.", "These days a chicken leg is a rare dish.",
        ],
        [
            "Rice is often served in round bowls.", "The juice of lemons makes fine punch.",
            "The box was thrown beside the parked truck.", "Four hours of steady work faced us.",
        ],
        [
            "A large size in stockings is hard to sell.", "The boy was there when the sun rose.",
            "A rod is used to catch pink salmon.", "The source of the huge river is the clear spring.",
        ],
        [
            "Kick the ball straight and follow through.", "Help the woman get back to her feet.",
            "A pot of tea helps to pass the evening.", "The soft cushion broke the man's fall.",
        ],
    ]

    /// Where labelled speech comes from.
    enum Corpus: String, CaseIterable, CustomStringConvertible {
        /// Four notes of four Harvard sentences with pauses of 0.7 to 1.2 s, by espeak-ng.
        case synthetic
        /// A minute of a LibriVox reading (public domain) that Debian packages with PocketSphinx for its tests,
        /// with pauses of 0.7 to 1.3 s of that room between the sentences.
        case read
        /// The tester's own folder.
        case own

        var description: String { rawValue }
    }

    /// The first two in the way of Telegram's desktop client.
    static func notes(_ corpus: Corpus) throws -> [LabelledNote] {
        switch corpus {
        case .synthetic:
            try sentences.map { lines in
                LabelledNote(
                    audio: try TelegramClient.desktop.note(try speak(lines)),
                    text: lines.joined(separator: " "))
            }
        case .read: [try readAloud()]
        case .own: try recorded()
        }
    }

    private static let library = URL(fileURLWithPath: "/usr/share/pocketsphinx/test/data/librivox")

    private static func readAloud() throws -> LabelledNote {
        let lines = try String(contentsOf: library.appendingPathComponent("transcription"), encoding: .utf8)
            .split(separator: "\n")
        var signal: [Float] = []
        var text: [String] = []
        for (index, line) in lines.enumerated() {
            // `<s> the words </s> (name of the file)`
            let parts = line.split(separator: "(")
            guard let name = parts.last?.dropLast(), let words = parts.first else { continue }
            text.append(
                words.replacing("<s>", with: "").replacing("</s>", with: "").trimmingCharacters(
                    in: .whitespaces))
            let file = library.appendingPathComponent("\(name).wav").path
            let decoder = try SndfileDecoder(file: FileDescriptor(reading: file), format: .wav)
            var sink = SampleCollector()
            while try decoder.step(into: &sink) {}
            let samples = sink.samples.map { Float($0) / 32_768 }
            signal += samples
            guard index < lines.count - 1 else { break }
            let quiet = Self.quietest(of: samples)
            let length = [14_400, 20_800, 11_200, 16_000][index % 4]
            for position in 0..<length { signal.append(quiet[mirrored: position]) }
        }
        return LabelledNote(
            audio: try TelegramClient.desktop.note(Signal(rate: 16_000, samples: signal)),
            text: text.joined(separator: " "))
    }

    /// The quietest 100 ms: the room and the microphone.
    private static func quietest(of samples: [Float]) -> ArraySlice<Float> {
        let starts = stride(from: 0, to: max(1, samples.count - 1_600), by: 160)
        let best = starts.min { power(samples[$0..<($0 + 1_600)]) < power(samples[$1..<($1 + 1_600)]) } ?? 0
        return samples[best..<min(best + 1_600, samples.count)]
    }

    private static func power(_ samples: ArraySlice<Float>) -> Float {
        samples.reduce(0) { $0 + $1 * $1 }
    }

    private static func speak(_ lines: [String]) throws -> Signal {
        let breaks = ["700ms", "1200ms", "900ms"]
        let text = zip(lines, breaks + [""]).map { line, pause in
            pause.isEmpty ? line : "\(line) <break time=\"\(pause)\"/>"
        }
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).wav")
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "espeak-ng", "-m", "-v", "en-us+adam", "-s", "150", "-w", file.path,
            "<speak>\(text.joined(separator: " "))</speak>",
        ]
        try process.run()
        process.waitUntilExit()
        let decoder = try SndfileDecoder(file: FileDescriptor(reading: file.path), format: .wav)
        var sink = SampleCollector()
        while try decoder.step(into: &sink) {}
        return Signal(rate: 16_000, samples: sink.samples.map { Float($0) / 32_768 })
    }

    private static func recorded() throws -> [LabelledNote] {
        guard let folder = ProcessInfo.processInfo.environment[folderVariable], !folder.isEmpty else {
            return []
        }
        let root = URL(fileURLWithPath: folder)
        let files = try FileManager.default.contentsOfDirectory(at: root, includingPropertiesForKeys: nil)
        return try files.filter { $0.pathExtension != "txt" }.sorted { $0.path < $1.path }.compactMap {
            file in
            let label = file.deletingPathExtension().appendingPathExtension("txt")
            guard let text = try? String(contentsOf: label, encoding: .utf8) else { return nil }
            return LabelledNote(audio: Array(try Data(contentsOf: file)), text: text)
        }
    }
}

extension ArraySlice<Float> {
    /// Runs forwards and backwards through the slice, without a step where it turns.
    fileprivate subscript(mirrored position: Int) -> Float {
        let turn = position % (2 * count)
        return self[startIndex + (turn < count ? turn : 2 * count - 1 - turn)]
    }
}
