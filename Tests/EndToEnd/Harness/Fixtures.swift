import Foundation

/// Audio files that the tests send, made once per run.
enum Fixtures {
    struct Failed: Error, CustomStringConvertible {
        var description: String
    }

    /// The sample of the repository: about fourteen seconds of speech with pauses and an "um".
    static let voiceNote = bytes(repository.appending(path: "Samples/voice-note.ogg"))

    static let repository = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private static let sample = repository.appending(path: "Samples/voice-note.ogg").path

    // MARK: Good files

    /// A square video with the sample's sound, as a round video message is.
    static let videoNote = Recipe(
        "video-note.mp4",
        [
            "-f", "lavfi", "-i", "color=c=gray:s=240x240:r=10", "-i", sample, "-shortest", "-c:v", "mpeg4",
            "-b:v", "100k", "-c:a", "aac", "-b:a", "64k", "-ar", "48000", "-ac", "1",
        ])

    static let music = Recipe(
        "talk.m4a", ["-i", sample, "-c:a", "aac", "-b:a", "64k", "-ar", "44100", "-ac", "2"])
    static let flac = Recipe("talk.flac", ["-i", sample, "-c:a", "flac", "-ar", "48000"])
    static let wave = Recipe("talk.wav", ["-i", sample, "-c:a", "pcm_s16le", "-ar", "16000"])

    /// A few seconds of the sample, for scenarios in which the audio does not matter.
    static let shortTalk = Recipe("short.ogg", ["-t", "4", "-i", sample] + opus)

    // MARK: Files that nobody can coach

    /// The sample twice over.
    static let longTalk = Recipe("long.ogg", ["-stream_loop", "1", "-i", sample] + opus)

    static let silence = Recipe(
        "silence.ogg", ["-f", "lavfi", "-i", "anullsrc=r=48000:cl=mono", "-t", "5"] + opus)

    /// Hardly more than nothing.
    static let instant = Recipe(
        "instant.ogg", ["-f", "lavfi", "-i", "anullsrc=r=48000:cl=mono", "-t", "0.01"] + opus)

    static let text = Array("Dear all,\nthis is a letter and no sound at all.\n".utf8)

    /// The beginning of the sample, cut off inside its first page of sound.
    static var cutOff: [UInt8] { Array(voiceNote.prefix(headers.count + 60)) }

    /// The two pages that come before any sound.
    private static var headers: [UInt8] {
        let pages = voiceNote.indices.dropLast(4).filter {
            voiceNote[$0..<($0 + 4)].elementsEqual("OggS".utf8)
        }
        return Array(voiceNote[..<pages[2]])
    }

    /// A complete note of 0 seconds: the headers, and a page that ends the stream without a packet.
    static var zeroSeconds: [UInt8] {
        let endOfStream: UInt8 = 4
        let serial = Array(voiceNote[14..<18])
        var page = Array("OggS".utf8) + [0, endOfStream] + [UInt8](repeating: 0, count: 8) + serial
        page += [2, 0, 0, 0] + [0, 0, 0, 0] + [0]
        // RFC 3533: polynomial 0x04c11db7, no reflection, over the page with a checksum of zero.
        let checksum = page.reduce(UInt32(0)) { sum, byte in
            (0..<8).reduce(sum ^ UInt32(byte) << 24) { value, _ in
                value << 1 ^ (value >> 31 == 1 ? 0x04c1_1db7 : 0)
            }
        }
        for index in 0..<4 { page[22 + index] = UInt8(truncatingIfNeeded: checksum >> (8 * UInt32(index))) }
        return headers + page
    }

    /// An Ogg file whose codec nobody knows.
    static var unknownCodec: [UInt8] {
        var bytes = voiceNote
        guard let range = bytes.firstRange(of: Array("OpusHead".utf8)) else { return bytes }
        bytes.replaceSubrange(range, with: Array("XyzzyHed".utf8))
        return bytes
    }

    private static let opus = [
        "-c:a", "libopus", "-b:a", "32k", "-frame_duration", "20", "-ar", "48000", "-ac", "1",
    ]

    /// A file that ffmpeg makes.
    final class Recipe: Sendable {
        let name: String
        private let made: Task<[UInt8], any Error>

        init(_ name: String, _ arguments: [String]) {
            self.name = name
            made = Task { try await Fixtures.make(name, arguments) }
        }

        var bytes: [UInt8] { get async throws { try await made.value } }
    }

    private static func make(_ name: String, _ arguments: [String]) async throws -> [UInt8] {
        let directory = FileManager.default.temporaryDirectory
            .appending(path: "speechcoach-fixtures-\(getpid())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let file = directory.appending(path: name)
        defer { try? FileManager.default.removeItem(at: file) }
        let (stream, ended) = AsyncStream<Int32>.makeStream()
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/ffmpeg")
        process.arguments = ["-nostdin", "-v", "error", "-y"] + arguments + [file.path]
        process.terminationHandler = { ended.yield($0.terminationStatus) }
        try process.run()
        for await status in stream {
            guard status == 0 else { throw Failed(description: "ffmpeg cannot make \(name)") }
            return bytes(file)
        }
        throw CancellationError()
    }

    private static func bytes(_ file: URL) -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: file.path), !data.isEmpty else {
            preconditionFailure("\(file.path) is missing or empty")
        }
        return Array(data)
    }
}
