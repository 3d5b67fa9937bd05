import AudioEngine
import Glibc

// audio-prepare IN OUT   one preparation at 1.5 times the tempo: the process that is measured against others.
// Like them it brings nothing but what the work needs; the product's own start is measured beside it.

guard CommandLine.arguments.count == 3 else { exit(2) }
let audio = try await AudioEngine(threads: 1).prepare(
    .file(CommandLine.arguments[1]), options: PreparationOptions(speed: .fixed(1.5)))
guard let output = fopen(CommandLine.arguments[2], "wb") else { exit(1) }
for part in audio.parts {
    let bytes = try part.body.read()
    guard fwrite(bytes, 1, bytes.count, output) == bytes.count else { exit(1) }
}
guard fclose(output) == 0 else { exit(1) }
