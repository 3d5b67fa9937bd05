package import CoachDomain
package import CoachStore
package import Conversation
import Foundation
package import Logging
import Pictures
package import Providers

/// Pictures, sound and files made from the ledger.
package struct LedgerAttachments: AttachmentRenderer {
    private static let trendLength = 60
    /// An extra that nobody waits for with a spinner, yet soon enough to belong to the answer.
    private static let speakingTime = Duration.seconds(60)

    private let ledger: Ledger
    private let phrasebooks: Phrasebooks
    private let speakers: SynthesisChain
    private let logger: Logger

    package init(ledger: Ledger, phrasebooks: Phrasebooks, speakers: SynthesisChain, logger: Logger) {
        self.ledger = ledger
        self.phrasebooks = phrasebooks
        self.speakers = speakers
        self.logger = logger
    }

    package func render(_ attachment: Attachment, for person: Person) async throws -> RenderedAttachment? {
        let scenery = NoteScenery(book: phrasebooks.book(for: person.language), settings: person.settings)
        switch attachment {
        case .card(let id):
            guard let note = try await ledger.coachedNote(id), let card = scenery.card(of: note) else {
                return nil
            }
            return RenderedAttachment(
                .picture(try await Self.drawn { () async throws(PictureError) in try await card.png() }))
        case .progress:
            let notes = try await ledger.practice(of: person, limit: Self.trendLength)
            guard let picture = scenery.progress(notes, now: Date()) else { return nil }
            return RenderedAttachment(
                .picture(try await Self.drawn { () async throws(PictureError) in try await picture.png() }))
        case .spokenRewrite(let id):
            guard let note = try await ledger.coachedNote(id) else { return nil }
            return try await speech(note)
        case .export(let format): return RenderedAttachment(try await export(format, of: person))
        }
    }

    /// Drawing needs nothing from outside, so a failure stays one: the job ends, the answer is there already.
    private static func drawn(_ draw: () async throws(PictureError) -> [UInt8]) async throws(JobFailure)
        -> [UInt8]
    {
        do {
            return try await draw()
        } catch {
            throw JobFailure(.permanent, code: "picture.failed", detail: "\(error)")
        }
    }

    private func speech(_ note: CoachedNote) async throws -> RenderedAttachment? {
        guard let passage = SpokenPassage(note.feedback.rewrite, language: note.transcript.language) else {
            return nil
        }
        let outcome = await speakers.speak(
            passage, cache: LedgerSpokenTexts(ledger: ledger, note: note.note, logger: logger),
            context: CallContext(deadline: .now + Self.speakingTime, note: note.note))
        switch outcome.result {
        case .success(let spoken):
            return RenderedAttachment(
                .voice(spoken.clip.bytes, seconds: spoken.clip.seconds), calls: outcome.calls)
        case .failure(.cancelled): throw CancellationError()
        case .failure(.exhausted(_, let last)):
            throw JobFailure(
                .transient, code: "voice.unavailable",
                detail: last.map { "\($0)" } ?? "nobody could speak the text in time")
        }
    }

    private func export(_ format: SpeakerRequest.ExportFormat, of person: Person) async throws
        -> RenderedAttachment.Content
    {
        let export = try await ledger.export(of: person)
        return switch format {
        case .json:
            .document(
                try export.json(), filename: "speech-coach.json", contentType: "application/json")
        case .csv:
            .document(export.csv(), filename: "speech-coach.csv", contentType: "text/csv; charset=utf-8")
        }
    }
}
