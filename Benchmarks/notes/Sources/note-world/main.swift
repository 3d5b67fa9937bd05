import BotAPIEmulator
import Foundation
import Logging
import ProviderFakes

/// The world outside: a Telegram with people who send voice notes, a recogniser and a model that answer after a
/// fixed delay. Prints its addresses, then does what each line of standard input says:
///
///     one COUNT          one note at a time, each answered before the next
///     burst COUNT        all at once, of as many people
///     rate COUNT SECONDS evenly over that time, of as many people
///
/// and prints a JSON list of the seconds from sending to the final edit.
let arguments = CommandLine.arguments.dropFirst()
guard arguments.count == 3, let speech = Int(CommandLine.arguments[1]),
    let model = Int(CommandLine.arguments[2]),
    let note = FileManager.default.contents(atPath: CommandLine.arguments[3]).map({ [UInt8]($0) })
else {
    FileHandle.standardError.write(Data("usage: note-world SPEECH_MS MODEL_MS NOTE.ogg\n".utf8))
    exit(2)
}
var quiet = Logger(label: "emulator")
quiet.logLevel = .critical
let world = try await RunningEmulator.start(configuration: .init(token: "4711:bench"), logger: quiet)
let vendor = try FakeOpenAI(apiKey: "sk-bench")
vendor.speech.failAlways(.slow(.milliseconds(speech)))
vendor.chat.failAlways(.slow(.milliseconds(model)))
say(#"{"telegram":"\#(world.url)","openai":"\#(vendor.baseURL)"}"#)

func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

/// Sends one note and waits for its coaching.
func journey(_ person: Int64) async throws -> Double? {
    let user = EmulatedUser(id: person, languageCode: "en")
    let begun = Date().timeIntervalSince1970
    _ = try await world.emulator.perform(
        .file(UserAction.FileMessage(kind: "voice", bytes: note, seconds: 14)), by: user)
    let edit = await world.emulator.firstCall(within: .seconds(300)) { call in
        call.chatID == person && call.method == "editMessageText" && call.status == 200 && call.time >= begun
    }
    return edit.map { $0.time - begun }
}

var nextPerson: Int64 = 1_000
while let line = readLine() {
    let words = line.split(separator: " ")
    guard let command = words.first, words.count >= 2, let count = Int(words[1]) else { continue }
    let first = nextPerson
    nextPerson += Int64(count)
    await world.emulator.forgetCalls()
    var taken: [Double] = []
    if command == "one" {
        for person in first..<nextPerson {
            if let seconds = try await journey(person) { taken.append(seconds) }
            await world.emulator.forgetCalls()
        }
    } else {
        let gap = words.count > 2 ? (Double(words[2]) ?? 0) / Double(count) : 0
        taken = try await withThrowingTaskGroup(of: Double?.self) { group in
            for (index, person) in (first..<nextPerson).enumerated() {
                group.addTask {
                    try await Task.sleep(for: .seconds(gap * Double(index)))
                    return try await journey(person)
                }
            }
            var answered: [Double] = []
            for try await seconds in group {
                if let seconds { answered.append(seconds) }
            }
            return answered
        }
    }
    say("[" + taken.map { String(format: "%.4f", $0) }.joined(separator: ",") + "]")
}
await world.stop()
