import AudioEngine
import CoachDomain
import Foundation
import SpeechAnalysis

// audio-benchmark processes SAMPLE   process against process: ours, the C floor, ffmpeg; alternating
// audio-benchmark stages SAMPLE      warm, in process: milliseconds per stage, with speech measures
// audio-benchmark arriving SAMPLE    what is left to do when the last byte of a download is there
// audio-benchmark cpu PROGRAM        processor milliseconds of any program's start, for comparison

/// The usual recipe of a shell script, at the same speed. Without `-sample_fmt` its FLAC has 24 bits.
func ffmpegRecipe(_ input: String, _ output: String) -> [String] {
    let filter =
        "aresample=16000,silenceremove=start_periods=1:start_silence=0.1:start_threshold=-50dB:stop_periods=-1:"
        + "stop_duration=0.3:stop_silence=0.2:stop_threshold=-50dB:detection=rms:window=0.02,atempo=1.5"
    return ["ffmpeg", "-nostdin", "-v", "error", "-y", "-threads", "1", "-i", input, "-map", "0:a:0", "-vn"]
        + ["-ac", "1", "-af", filter, "-map_metadata", "-1", "-c:a", "flac", "-sample_fmt", "s16", output]
}

func text(_ value: Double, _ digits: Int, width: Int) -> String {
    let plain = String(format: "%.\(digits)f", value)
    return String(repeating: " ", count: max(0, width - plain.count)) + plain
}

func processes(_ sample: String, folder: String) throws {
    let here = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().path
    // Processor time, because other work on the machine does not change it; wall time for ours besides.
    print("note             ours    floor   ffmpeg  CPU ms   ours/floor  ffmpeg/ours   ours wall ms   MiB")
    for client in Notes.Client.allCases {
        for length in Notes.lengths {
            let note = Notes.path(client, length, in: folder)
            let programs = [
                ["\(here)/audio-prepare", note, "\(folder)/ours.flac"],
                ["\(here)/audio-floor", note, "\(folder)/floor.flac", "1.5"],
                ffmpegRecipe(note, "\(folder)/ffmpeg.flac"),
            ]
            var costs: [[Cost]] = programs.map { _ in [] }
            for _ in 0..<(length > 100 ? 5 : 15) {
                for (index, program) in programs.enumerated() { costs[index].append(try Child.run(program)) }
            }
            let time = costs.map { median($0.map(\.processor)) }
            let memory = costs.map { String(($0.map(\.peakBytes).max() ?? 0) >> 20) }.joined(separator: "/")
            print(
                "\(client.rawValue) \(length) s".padding(toLength: 13, withPad: " ", startingAt: 0),
                time.map { text($0 * 1e3, 1, width: 9) }.joined(), "      ",
                text(time[0] / time[1], 2, width: 10),
                text(time[2] / time[0], 2, width: 12), text(median(costs[0].map(\.wall)) * 1e3, 1, width: 14),
                "  ",
                memory)
        }
    }
}

func stages(folder: String) async throws {
    let engine = AudioEngine(threads: 1)
    print("note            decode  measure     tap   shape  encode   total ms   measures/decode")
    for client in Notes.Client.allCases {
        for length in Notes.lengths {
            var runs: [PreparationStages] = []
            for _ in 0..<(length > 100 ? 5 : 25) {
                let result = try await engine.prepare(
                    .file(Notes.path(client, length, in: folder)),
                    options: PreparationOptions(speed: .fixed(1.5)),
                    tap: MeasuringTap())
                runs.append(result.audio.stages)
            }
            let columns = [\PreparationStages.decode, \.measure, \.tap, \.shape, \.encode, \.total]
            let values = columns.map { column in
                median(runs.dropFirst().map { $0[keyPath: column].seconds }) * 1e3
            }
            print(
                "\(client.rawValue) \(length) s".padding(toLength: 12, withPad: " ", startingAt: 0),
                values.map { text($0, 2, width: 8) }.joined(), "  ",
                text((values[1] + values[2]) / values[0], 2, width: 8))
        }
    }
}

/// A download of a given speed.
struct Download: AsyncSequence {
    let bytes: [UInt8]
    let megabitsPerSecond: Double

    struct Iterator: AsyncIteratorProtocol {
        let download: Download
        let start = ContinuousClock.now
        var position = 0

        mutating func next() async throws -> [UInt8]? {
            guard position < download.bytes.count else { return nil }
            let end = Swift.min(position + 16_384, download.bytes.count)
            let due = Double(end) * 8 / (download.megabitsPerSecond * 1e6)
            try await Task.sleep(until: start + .seconds(due))
            defer { position = end }
            return Array(download.bytes[position..<end])
        }
    }

    func makeAsyncIterator() -> Iterator { Iterator(download: self) }
}

func arriving(folder: String) async throws {
    let engine = AudioEngine(threads: 1)
    let options = PreparationOptions(speed: .fixed(1.5))
    print("note            Mbit/s   download ms   left when prepared after it   left when prepared during it")
    for client in Notes.Client.allCases {
        for length in Notes.lengths {
            let path = Notes.path(client, length, in: folder)
            let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
            for speed in [10.0, 100] {
                var after: [Double] = []
                var during: [Double] = []
                for _ in 0..<(length > 100 ? 3 : 9) {
                    let start = ContinuousClock.now
                    _ = try await engine.prepare(.file(path), options: options, tap: MeasuringTap())
                    after.append((ContinuousClock.now - start).seconds)
                    let begin = ContinuousClock.now
                    let download = Download(bytes: bytes, megabitsPerSecond: speed)
                    _ = try await engine.prepare(arriving: download, options: options, tap: MeasuringTap())
                    // The link is done when it is done, whether or not anybody has fetched the last chunk.
                    let least = Double(bytes.count) * 8 / (speed * 1e6)
                    during.append((ContinuousClock.now - begin).seconds - least)
                }
                print(
                    "\(client.rawValue) \(length) s".padding(toLength: 14, withPad: " ", startingAt: 0),
                    text(speed, 0, width: 7), text(Double(bytes.count) * 8 / speed / 1e3, 1, width: 13),
                    text(median(after) * 1e3, 1, width: 29), text(median(during) * 1e3, 1, width: 30))
            }
        }
    }
}

/// What starting a program costs, whatever it does then.
func start(of program: [String]) throws {
    let costs = try (0..<15).map { _ in try Child.run(program) }
    print(
        "\(program.joined(separator: " ")): \(text(median(costs.map(\.processor)) * 1e3, 1, width: 0)) ms CPU"
    )
}

/// The product's own measures of pitch, loudness and rate.
struct MeasuringTap: SampleTap {
    private var probe = SpeechProbe()
    mutating func consume(_ samples: Span<Int16>) { probe.consume(samples) }
}

let arguments = CommandLine.arguments
let folder = FileManager.default.temporaryDirectory.appendingPathComponent("speechcoach-audio-benchmark").path
try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
switch arguments.dropFirst().first {
case "processes" where arguments.count == 3:
    try Notes.make(from: arguments[2], in: folder)
    try processes(arguments[2], folder: folder)
case "stages" where arguments.count == 3:
    try Notes.make(from: arguments[2], in: folder)
    try await stages(folder: folder)
case "arriving" where arguments.count == 3:
    try Notes.make(from: arguments[2], in: folder)
    try await arriving(folder: folder)
case "cpu" where arguments.count > 2:
    try start(of: Array(arguments.dropFirst(2)))
default:
    print("usage: audio-benchmark processes SAMPLE | stages SAMPLE | arriving SAMPLE | cpu PROGRAM…")
    exit(2)
}
