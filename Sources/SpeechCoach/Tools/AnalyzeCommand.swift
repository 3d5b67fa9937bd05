import ArgumentParser
import AudioWorker
import CoachDomain
import CoachStore
import Conversation
import FeedbackWorker
import Foundation
import HTTPTransport
import Logging
import Pictures
import Providers
import ServiceKit

struct AnalyzeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "analyze",
        abstract: "Coach one audio file, without any server.",
        discussion: """
            The same path as a voice note's: prepare, recognise, measure, coach. Providers whose keys are set are
            used; without any, the recogniser and the rules in this program do the work.

            EXAMPLE
              speechcoach analyze talk.ogg
              speechcoach analyze talk.ogg --json | jq .metrics.wordsPerMinute
              speechcoach analyze talk.ogg --plot talk.png
            """)

    @Argument(help: "The audio file.", completion: .file())
    var file: String

    @Option(
        help: ArgumentHelp(
            "Language that is spoken, for example en; found out when left out.", valueName: "tag"))
    var language: String?

    @Option(
        help: ArgumentHelp(
            "Draw the waveform, what was kept and cut, and the pitch, as a PNG file.", valueName: "file.png"),
        completion: .file(extensions: ["png"]))
    var plot: String?

    @OptionGroup var output: OutputOptions
    @OptionGroup var settings: SettingsOptions

    private struct Document: Encodable {
        var audio: AudioSummary
        var transcript: Transcript
        var metrics: [MeasureName: Measure]
        var feedback: Feedback
        var costMicroUSD: Int64
        var stages: [StepTime]
    }

    func run() async throws {
        let settings = try await Settings.load(options: settings.overrides)
        settings.installLogs(for: .analyze)
        try AudioFile.check(file)
        let http = HTTPClient()
        let chains = try ProviderChains(settings: settings, http: http, logger: Logger(label: "analyze"))
        let context = CallContext(deadline: .now + .seconds(1_800), language: language)
        let heard: NoteTranscriber.Result
        do {
            heard = try await chains.transcriber().transcribe(
                file: file, declaredSeconds: nil, context: context)
        } catch {
            await http.shutdown()
            throw CommandFailure(.failed, "\(file): \(error.explanation)")
        }
        if let plot {
            do {
                try await SignalPlot(of: file, heard.audio, heard.voice).write(to: plot)
            } catch {
                await http.shutdown()
                throw error
            }
        }
        var clock = StepClock()
        let coached = await chains.coaches().coach(
            heard.note.transcript, metrics: heard.note.metrics, language: language,
            context: CallContext(deadline: .now + .seconds(40)))
        clock.lap("coach")
        await http.shutdown()
        let calls = heard.calls + coached.calls
        if output.json {
            return try Output.json(
                Document(
                    audio: heard.note.audio, transcript: heard.note.transcript,
                    metrics: heard.note.metrics.measures, feedback: coached.feedback,
                    costMicroUSD: calls.reduce(0) { $0 + $1.costMicroUSD }, stages: heard.steps + clock.steps)
            )
        }
        let reply = ReplyRenderer(phrasebook: try Phrasebooks().book(for: language)).render(
            feedback: coached.feedback, transcript: heard.note.transcript, metrics: heard.note.metrics,
            isPartial: heard.note.audio.isPartial)
        Output.line(reply.text)
        Output.line("")
        Output.line(StepTable.text(heard.steps + clock.steps))
    }
}

extension NoteTranscriber.Failure {
    /// For a person at a terminal.
    var explanation: String {
        switch reason {
        case .audio(let error): error.explanation
        case .download: "the file could not be read"
        case .noSpeech: "no speech was heard in it"
        case .noRecognizer(let last):
            "no recogniser could be used" + (last.map { " (the last said: \($0))" } ?? "")
                + "; run `speechcoach doctor` to see why"
        case .cancelled: "cancelled"
        }
    }
}

/// Stages and seconds for a person.
enum StepTable {
    static func text(_ steps: [StepTime]) -> String {
        TextTable(
            header: ["STAGE", "SECONDS"],
            rows: steps.map { [$0.name, String(format: "%.3f", $0.seconds)] }
        ).text
    }
}
