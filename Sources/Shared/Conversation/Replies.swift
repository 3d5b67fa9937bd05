package import CoachDomain
package import CoachStore
package import Foundation

/// The bot's answers to what a person asks; pure.
package struct Replies: Sendable {
    let books: Phrasebooks
    var book: Phrasebook
    let person: Person
    let now: Date
    /// The person's message that is answered; `nil` for a button.
    let asking: Int64?
    /// The bot's message under which a button was pressed; `nil` for a command.
    let menu: Int64?
    /// How long words are kept.
    let retentionDays: Int

    package init(_ books: Phrasebooks, to request: RequestToAnswer, retentionDays: Int, now: Date) {
        self.books = books
        book = books.book(for: request.person.language)
        person = request.person
        self.now = now
        self.retentionDays = retentionDays
        let isButton = request.callbackQueryID != nil
        asking = isButton ? nil : request.messageID
        menu = isButton ? request.messageID : nil
    }

    func button(_ label: String, _ request: SpeakerRequest) -> MessageButton {
        MessageButton(label, data: CallbackData.encode(request))
    }

    func message(
        _ text: String, buttons: [[MessageButton]] = [], replacesMenu: Bool = false, about: NoteID? = nil
    ) -> OutgoingMessage {
        OutgoingMessage(
            RichText(text: text), buttons: buttons, replaces: replacesMenu ? menu : nil, answers: asking,
            about: about)
    }

    // MARK: Fixed texts

    package func fixed(_ topic: SpeakerRequest.Topic) -> OutgoingMessage {
        let text = book.answer(to: topic).filled(["days": "\(retentionDays)"])
        switch topic {
        case .start: return message(text, buttons: [[button(book.buttons.practise, .practise(nil))]])
        case .help, .text, .unsupported, .unknownCommand, .privacy: return message(text)
        }
    }

    // MARK: Progress and history

    package func progress(_ notes: [PractisedNote]) -> OutgoingMessage {
        let trend = PracticeTrend(notes: notes, settings: person.settings, now: now)
        guard trend.points.count >= 2, let latest = trend.points.last else {
            return message(book.progress.tooFew, buttons: [[button(book.buttons.practise, .practise(nil))]])
        }
        var lines = [
            book.progress.caption.filled([
                "count": "\(trend.noteCount)", "streak": "\(trend.streak)",
                "focus": book.name(of: trend.topic),
            ])
        ]
        if let usual = trend.usual.flatMap({ book.value($0.median, of: trend.measure) }) {
            lines.append(book.progress.usual.filled(["value": usual]))
        }
        if let value = book.value(latest.value, of: trend.measure) {
            lines.append(book.progress.latest.filled(["value": value]))
        }
        var answer = message(lines.joined(separator: "\n"))
        answer.attachment = .progress
        return answer
    }

    package func history(_ notes: [PractisedNote]) -> OutgoingMessage {
        guard !notes.isEmpty else {
            return message(book.history.empty, buttons: [[button(book.buttons.practise, .practise(nil))]])
        }
        var answer = message("")
        let clock = PersonalClock(person.settings)
        answer.body.append(book.history.title, .bold)
        for note in notes {
            answer.body += "\n• \(clock.minute(note.receivedAt)) — \(PersonalClock.length(note.seconds))"
            for measure in [MeasureName.wordsPerMinute, .fillersPerMinute] {
                guard let value = note.metrics[measure].flatMap({ book.value($0, of: measure) }) else {
                    continue
                }
                answer.body += " · " + value
            }
            answer.body += note.topic.map { " · 🎯 " + book.name(of: $0) } ?? ""
        }
        return answer
    }

    // MARK: Erasing and exporting

    package func erase(_ step: SpeakerRequest.Erasure, noteCount: Int) -> OutgoingMessage {
        switch step {
        case .ask:
            message(
                book.erase.ask.filled(["notes": "\(noteCount)"]),
                buttons: [
                    [button(book.buttons.eraseConfirm, .erase(.confirm))],
                    [button(book.buttons.eraseDecline, .erase(.decline))],
                ])
        case .confirm: message(book.erase.done.filled(["notes": "\(noteCount)"]), replacesMenu: true)
        case .decline: message(book.erase.declined, replacesMenu: true)
        }
    }

    /// Two files: the whole as JSON, the numbers as a table.
    package func export() -> [OutgoingMessage] {
        SpeakerRequest.ExportFormat.allCases.map { format in
            var answer = message(book.export.caption)
            answer.attachment = .export(format)
            return answer
        }
    }
}
