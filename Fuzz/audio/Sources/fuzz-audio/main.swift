import AudioEngine
import CFuzzer
import CoachDomain
import Dispatch
import Foundation

// FUZZ_ENTRY=note      a whole note in memory, any container
// FUZZ_ENTRY=arriving  a note in pieces, as a download brings it, with its Ogg checksums repaired
// FUZZ_ENTRY=sniffer   the first bytes alone

let engine = AudioEngine(threads: 1)
let options = PreparationOptions(
    maximumSeconds: 30, encoding: .pcm16, wallClockLimit: .seconds(10), maximumPartSeconds: 5)

/// What must hold of every note that is prepared at all.
func check(_ audio: PreparedAudio) {
    precondition(audio.originalSeconds > 0 && audio.originalSeconds <= 30)
    precondition(audio.uploadSeconds <= audio.originalSeconds + 0.1 && !audio.parts.isEmpty)
    var original = 0.0
    var upload = 0.0
    for segment in audio.timeline.segments {
        precondition(segment.original.start >= original && segment.upload.start >= upload - 1e-9)
        original = segment.original.end
        upload = segment.upload.end
    }
    precondition(original <= audio.originalSeconds + 1e-6 && upload <= audio.uploadSeconds + 1e-6)
    for span in audio.speechSpans {
        precondition(span.start >= 0 && span.end <= audio.originalSeconds + 1e-6)
    }
}

func waiting(_ body: @escaping @Sendable () async throws -> PreparedAudio) {
    let done = DispatchSemaphore(value: 0)
    Task {
        if let audio = try? await body() { check(audio) }
        done.signal()
    }
    done.wait()
}

func note(_ bytes: [UInt8]) {
    // ffmpeg is a child process and fuzzed by its own project; starting it per input tests nothing here.
    if case .audio(let format) = AudioSniffer.sniff(Array(bytes.prefix(AudioSniffer.prefixLength))),
        [.mp4, .matroska, .aac, .amr, .oggSpeex, .oggFLAC].contains(format)
    {
        return
    }
    waiting { try await engine.prepare(.bytes(bytes), options: options) }
}

func arriving(_ input: [UInt8]) {
    guard input.count > 1 else { return }
    var bytes = input
    OggChecksums.repair(&bytes)
    guard case .audio(.oggOpus) = AudioSniffer.sniff(Array(bytes.dropFirst().prefix(4_096))) else { return }
    // The first byte chooses how the rest falls apart.
    let size = Int(bytes[0]) * 16 + 1
    let whole = bytes
    let pieces = stride(from: 1, to: whole.count, by: size).map {
        Array(whole[$0..<min($0 + size, whole.count)])
    }
    waiting {
        let chunks = AsyncStream { continuation in
            for piece in pieces { continuation.yield(piece) }
            continuation.finish()
        }
        return try await engine.prepare(arriving: chunks, options: options, tap: NoTap()).audio
    }
}

let entry = ProcessInfo.processInfo.environment["FUZZ_ENTRY"] ?? "note"
var count = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
let status: Int32
switch entry {
case "note":
    status = LLVMFuzzerRunDriver(&count, &arguments) { data, size in
        note(Array(UnsafeBufferPointer(start: data, count: size)))
        return 0
    }
case "arriving":
    status = LLVMFuzzerRunDriver(&count, &arguments) { data, size in
        arriving(Array(UnsafeBufferPointer(start: data, count: size)))
        return 0
    }
case "sniffer":
    status = LLVMFuzzerRunDriver(&count, &arguments) { data, size in
        _ = AudioSniffer.sniff(Array(UnsafeBufferPointer(start: data, count: size)))
        return 0
    }
default:
    print("FUZZ_ENTRY=\(entry): choose note, arriving or sniffer")
    status = 2
}
exit(status)
