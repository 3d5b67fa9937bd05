package import CoachDomain
package import CoachStore
package import Conversation
import Foundation

/// Pictures, sound and files made from the ledger.
package struct LedgerAttachments: AttachmentRenderer {
    private let ledger: Ledger
    private let phrasebooks: Phrasebooks

    package init(ledger: Ledger, phrasebooks: Phrasebooks) {
        self.ledger = ledger
        self.phrasebooks = phrasebooks
    }

    package func render(_ attachment: Attachment, for person: Person) async throws -> RenderedAttachment? {
        switch attachment {
        case .card, .progress, .spokenRewrite: return nil
        case .export(let format): return RenderedAttachment(try await export(format, of: person))
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
