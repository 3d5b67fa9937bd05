import CoachDomain
import CoachStore
import Foundation

/// The whole history of a note as lines for a person; nothing that was said.
enum DossierText {
    static func lines(_ dossier: JobDossier) -> [String] {
        var lines: [String] = []
        if let note = dossier.note { lines += noteLines(note) + [""] }
        lines.append(JobTable.text(dossier.siblings))
        if let error = dossier.job.error {
            lines += ["", "Last error: \(dossier.job.errorCode ?? "unknown"): \(error)"]
        }
        lines += ["", "History"]
        lines += dossier.history.map { entry in
            let detail = entry.detail.map { "  \($0)" } ?? ""
            return "  \(Output.time(entry.at))  \(entry.stage.rawValue) \(entry.job)  \(entry.event)  "
                + "\(entry.actor)\(detail)"
        }
        if !dossier.calls.isEmpty { lines += ["", "Provider calls"] + dossier.calls.map(callLine) }
        if !dossier.messages.isEmpty { lines += ["", "Deliveries"] + dossier.messages.map(messageLine) }
        return lines
    }

    private static func noteLines(_ note: NoteSummary) -> [String] {
        let size = note.bytes.map { ", \($0) bytes" } ?? ""
        let length = note.declaredSeconds.map { ", \(String(format: "%.0f", $0)) s declared" } ?? ""
        let shown = note.placeholderMessage.map { "message \($0)" } ?? "no message yet"
        return [
            "Note \(note.id): \(note.kind)\(length)\(size), received \(Output.time(note.receivedAt))",
            "  chat \(note.chat), message \(note.message), update \(note.updateID); answered in \(shown) "
                + "(placeholder \(note.placeholderState))",
        ]
    }

    private static func callLine(_ summary: CallSummary) -> String {
        let call = summary.call
        return "  \(Output.time(summary.at))  \(call.operation.rawValue)  \(call.provider)/\(call.model)  "
            + "\(call.failure ?? call.outcome.rawValue)  "
            + String(format: "%.2f s  %lld µUSD", call.latencySeconds, call.costMicroUSD)
    }

    private static func messageLine(_ message: MessageSummary) -> String {
        let place = message.message.map { " in message \($0)" } ?? ""
        let time = message.deliveredAt.map { ", delivered \(Output.time($0))" } ?? ""
        return
            "  \(Output.time(message.createdAt))  \(message.kind) \(message.id)  \(message.state)\(place)\(time)"
    }
}
