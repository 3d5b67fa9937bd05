package import CoachDomain
package import CoachStore

extension Replies {
    /// The buttons under an answer.
    package static func buttons(of note: NoteID, in book: Phrasebook, hasMoreTips: Bool, hasRewrite: Bool)
        -> [[MessageButton]]
    {
        func button(_ label: String, _ action: SpeakerRequest.NoteAction) -> MessageButton {
            MessageButton(label, data: CallbackData.encode(.note(note, action)))
        }
        let words = book.buttons
        var first = [button(words.again, .again)]
        if hasRewrite { first.append(button(words.hear, .hear)) }
        var second = [button(words.transcript, .transcript)]
        if hasMoreTips { second.insert(button(words.tips, .tips), at: 0) }
        return [first, second, [button(words.dispute, .dispute), button(words.delete, .delete)]]
    }

    /// Of a note that is not the person's, that was deleted, or whose words have expired.
    package func noteIsGone() -> OutgoingMessage { message(book.note.gone) }

    private func answer(_ note: CoachedNote, _ text: String = "") -> OutgoingMessage {
        var answer = message(text, about: note.note)
        answer.answers = note.messageID
        return answer
    }

    /// The words, a line a pause of a second: what was said in one breath stands together.
    package func transcript(_ note: CoachedNote) -> OutgoingMessage {
        var answer = answer(note)
        answer.body.append(book.report.transcript, .bold)
        guard !note.transcript.text.isEmpty else {
            answer.body += "\n" + book.report.noWords
            return answer
        }
        var lines: [(start: Double, text: String)] = []
        var end = -Double.infinity
        for word in note.transcript.words {
            if word.span.start - end >= 1 || lines.isEmpty {
                lines.append((word.span.start, word.text))
            } else {
                lines[lines.count - 1].text += " " + word.text
            }
            end = word.span.end
        }
        guard !lines.isEmpty else {
            answer.body += "\n" + note.transcript.text
            return answer
        }
        for line in lines {
            answer.body += "\n"
            answer.body.append(PersonalClock.length(line.start), .code)
            answer.body += " " + line.text
        }
        return answer
    }

    /// What the answer left out: at most two further tips.
    package func tips(_ note: CoachedNote) -> OutgoingMessage {
        let more = note.feedback.improvements.dropFirst().prefix(2)
        guard !more.isEmpty else { return answer(note, book.note.noTips) }
        var answer = answer(note)
        answer.body.append("💡 " + book.note.tips, .bold)
        let renderer = ReplyRenderer(phrasebook: book)
        for tip in more {
            answer.body += "\n\n"
            renderer.append(tip, to: &answer.body)
        }
        return answer
    }

    package func sayItAgain(_ note: CoachedNote) -> OutgoingMessage {
        var text = book.note.again
        if let topic = note.feedback.improvements.first?.topic {
            text += "\n" + book.note.againFocus.filled(["focus": book.name(of: topic)])
        }
        return answer(note, text)
    }

    package func hear(_ note: CoachedNote) -> OutgoingMessage {
        guard !note.feedback.rewrite.isEmpty else { return answer(note, book.note.nothingToSpeak) }
        // Shown as it is to whoever accepts no voice messages.
        var answer = answer(note, note.feedback.rewrite)
        answer.attachment = .spokenRewrite(note.note)
        return answer
    }

    package func dispute(_ note: CoachedNote) -> OutgoingMessage {
        var answer = answer(note, book.note.disputed)
        answer.buttons = [[button(book.settings.spokenLanguage, .settings(.spokenLanguage))]]
        return answer
    }

    package func askToDelete(_ note: NoteID) -> OutgoingMessage {
        message(
            book.note.deleteAsk, buttons: [[button(book.buttons.deleteForSure, .note(note, .deleteForSure))]],
            about: note)
    }

    package func deleted() -> OutgoingMessage { message(book.note.deleted) }
}
