package import CoachDomain
import Foundation

/// Turns a coach's answer into the one message that the speaker reads on a phone.
package struct ReplyRenderer: Sendable {
    /// Telegram's limit, in UTF-16 units (its server counts code points, so this is always safe).
    package static let limit = 4096
    /// More of the transcript than this is of no use in a chat; the rest is cut with an ellipsis.
    private static let transcriptLimit = 1200

    private let book: Phrasebook

    private var phrases: Phrasebook.Report { book.report }

    package init(phrasebook: Phrasebook) { book = phrasebook }

    /// What is known before the coach has spoken: words and numbers.
    package func heard(_ transcript: Transcript, metrics: SpeechMetrics, isPartial: Bool) -> RichText {
        var reply = RichText()
        heading("📊 " + phrases.numbers, &reply)
        reply += numbers(metrics)
        if isPartial { reply += "\n" + phrases.partial }
        appendTranscript(transcript, &reply)
        reply += "\n\n" + book.working
        return reply.truncated(to: Self.limit)
    }

    /// - Parameter comparison: With the note that this one says again.
    package func render(
        feedback: Feedback, transcript: Transcript, metrics: SpeechMetrics, isPartial: Bool,
        comparison: FocusComparison? = nil
    ) -> RichText {
        var reply = RichText()
        if let comparison {
            heading("🔁 " + book.comparison.title, &reply)
            reply += text(comparison) + "\n\n"
        }
        reply += feedback.summary
        heading("📊 " + phrases.numbers, &reply)
        reply += numbers(metrics)
        if isPartial { reply += "\n" + phrases.partial }
        if let strength = feedback.strengths.first {
            heading("✅ " + phrases.strength, &reply)
            reply += strength
        }
        if let focus = feedback.improvements.first {
            heading("🎯 " + phrases.focus, &reply)
            append(focus, to: &reply)
        }
        if !feedback.rewrite.isEmpty {
            heading("✍️ " + phrases.rewrite, &reply)
            reply.append(feedback.rewrite, .blockquote)
        }
        if !feedback.drill.isEmpty {
            heading("⏱ " + phrases.drill, &reply)
            reply += feedback.drill
        }
        appendTranscript(transcript, &reply)
        return reply.truncated(to: Self.limit)
    }

    private func appendTranscript(_ transcript: Transcript, _ reply: inout RichText) {
        heading("💬 " + phrases.transcript, &reply)
        let spoken = transcript.text.isEmpty ? phrases.noWords : transcript.text
        reply.append(
            RichText(text: spoken).truncated(to: Self.transcriptLimit).text, .expandableBlockquote)
    }

    private func text(_ comparison: FocusComparison) -> String {
        let words = book.comparison
        switch comparison.evidence {
        case .numbers(let measure, let before, let after, let verdict):
            let text =
                switch verdict {
                case .better: words.better
                case .same: words.same
                case .worse: words.worse
                }
            return text.filled([
                "name": comparison.topic.map { book.name(of: $0) } ?? "",
                "before": book.value(before, of: measure) ?? "",
                "after": book.value(after, of: measure) ?? "",
            ])
        case .words(let quote, let saidAgain):
            return (saidAgain ? words.quoteThere : words.quoteGone).filled(["quote": quote])
        }
    }

    private func heading(_ title: String, _ reply: inout RichText) {
        if !reply.text.isEmpty { reply += "\n\n" }
        reply.append(title, .bold)
        reply += "\n"
    }

    /// Quote, reason and advice of one tip.
    func append(_ focus: Improvement, to reply: inout RichText) {
        if !focus.quote.isEmpty {
            let quote =
                focus.start.map { start in
                    phrases.quote.filled(["time": PersonalClock.length(start), "quote": focus.quote])
                } ?? phrases.quoteWithoutTime.filled(["quote": focus.quote])
            reply.append(quote, .italic)
            reply += "\n"
        }
        reply += focus.why
        if !focus.suggestion.isEmpty { reply += "\n→ " + focus.suggestion }
    }

    /// What was measured, and only that: a value nobody knows is left out.
    private func numbers(_ metrics: SpeechMetrics) -> String {
        var parts: [String] = []
        if let pace = metrics[.wordsPerMinute] {
            parts.append(phrases.pace.filled(["value": book.written(pace, digits: 0)]))
        }
        if let count = metrics[.pauseCount] {
            if count > 0, let longest = metrics[.pauseLongestSeconds] {
                parts.append(
                    phrases.pauses.filled([
                        "count": book.written(count, digits: 0), "longest": book.written(longest, digits: 1),
                    ]))
            } else {
                parts.append(phrases.noPauses)
            }
        }
        if let count = metrics[.fillerCount] {
            switch metrics.fillerEvidence {
            case .measured:
                parts.append(
                    phrases.fillers.filled([
                        "count": book.written(count, digits: 0),
                        "rate": book.written(metrics[.fillersPerMinute] ?? 0, digits: 1),
                    ]))
            case .lowerBound where count > 0:
                parts.append(phrases.fillersAtLeast.filled(["count": book.written(count, digits: 0)]))
            case .lowerBound, .notAvailable:
                break
            }
        }
        if let spread = metrics[.pitchSpreadSemitones] {
            parts.append(phrases.pitch.filled(["value": book.written(spread, digits: 1)]))
        }
        return parts.joined(separator: " · ")
    }
}
