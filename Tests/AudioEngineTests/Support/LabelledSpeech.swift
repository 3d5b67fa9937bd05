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

    /// Four notes of four sentences with pauses of 0.7 to 1.2 s, by espeak-ng, in the way of Telegram's
    /// desktop client; then the tester's own.
    static func notes() throws -> [LabelledNote] {
        let own = try sentences.map { lines in
            let spoken = try speak(lines)
            return LabelledNote(
                audio: try TelegramClient.desktop.note(spoken), text: lines.joined(separator: " "))
        }
        return try own + recorded()
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
