package import CoachDomain
import CoachStore
import Foundation

extension Replies {
    /// A page of the settings menu; the one message of the menu turns from page to page.
    package func settings(_ page: SpeakerRequest.SettingsPage, with settings: SpeakerSettings? = nil)
        -> OutgoingMessage
    {
        let settings = settings ?? person.settings
        let words = book.settings
        switch page {
        case .overview: return overview(settings)
        case .coachLanguage:
            let choices = [(nil as String?, words.automatic)] + books.names.map { ($0.tag, $0.name) }
            return menu(
                words.chooseCoachLanguage,
                choices.map { ($1, .coachLanguage($0), settings.coachLanguage == $0) })
        case .spokenLanguage:
            let choices = [(nil as String?, words.automatic)] + books.names.map { ($0.tag, $0.name) }
            return menu(
                words.chooseSpokenLanguage,
                choices.map { ($1, .spokenLanguage($0), settings.spokenLanguage == $0) })
        case .focus:
            let choices =
                [(nil as CoachingTopic?, words.automatic)]
                + CoachingTopic.allCases.map { ($0, book.name(of: $0)) }
            return menu(words.chooseFocus, choices.map { ($1, .focus($0), settings.focus == $0) })
        case .reminder:
            let choices = [(nil as Int?, words.off)] + (7...22).map { ($0 * 60, Self.time($0 * 60)) }
            return menu(
                words.chooseReminder, choices.map { ($1, .reminder($0), settings.reminderMinute == $0) },
                columns: 4)
        case .clock:
            let choices = (0..<24).map { hour in (Self.offset(ofHour: hour, now: now), Self.time(hour * 60)) }
            return menu(
                words.chooseClock, choices.map { ($1, .utcOffset($0), settings.utcOffsetMinutes == $0) },
                columns: 4)
        }
    }

    /// The menu after a choice; whoever wants a reminder is asked for the time of day first.
    package func settings(after change: SettingsChange) -> OutgoingMessage {
        var changed = person.settings
        change.apply(to: &changed)
        var replies = self
        // Whoever chooses a language reads it from then on.
        replies.book = books.book(for: changed.coachLanguage ?? person.languageCode)
        if case .reminder(.some) = change, changed.utcOffsetMinutes == nil {
            return replies.settings(.clock, with: changed)
        }
        return replies.settings(.overview, with: changed)
    }

    private func overview(_ settings: SpeakerSettings) -> OutgoingMessage {
        let words = book.settings
        func language(_ tag: String?) -> String {
            tag.map { tag in books.names.first { $0.tag == tag }?.name ?? tag } ?? words.automatic
        }
        func state(_ isOn: Bool) -> String { isOn ? words.on : words.off }
        let rows: [(String, String, SpeakerRequest)] = [
            (words.coachLanguage, language(settings.coachLanguage), .settings(.coachLanguage)),
            (words.spokenLanguage, language(settings.spokenLanguage), .settings(.spokenLanguage)),
            (
                words.focus, settings.focus.map { book.name(of: $0) } ?? words.automatic, .settings(.focus)
            ),
            (words.card, state(settings.sendsCard), .change(.sendsCard(!settings.sendsCard))),
            (
                words.cardTheme, settings.darkPictures ? words.dark : words.light,
                .change(.darkPictures(!settings.darkPictures))
            ),
            (words.voice, state(settings.speaksRewrite), .change(.speaksRewrite(!settings.speaksRewrite))),
            (
                words.reminder, settings.reminderMinute.map(Self.time) ?? words.off, .settings(.reminder)
            ),
            (
                words.clock, settings.utcOffsetMinutes.map(Self.zone) ?? words.automatic, .settings(.clock)
            ),
        ]
        var answer = message("", buttons: rows.map { [button("\($0): \($1)", $2)] }, replacesMenu: true)
        answer.body.append("⚙️ " + words.title, .bold)
        return answer
    }

    private func menu(
        _ question: String, _ choices: [(label: String, change: SettingsChange, isSet: Bool)],
        columns: Int = 2
    ) -> OutgoingMessage {
        let buttons = choices.map { button(($0.isSet ? "✓ " : "") + $0.label, .change($0.change)) }
        var rows = stride(from: 0, to: buttons.count, by: columns).map {
            Array(buttons[$0..<min($0 + columns, buttons.count)])
        }
        rows.append([button(book.buttons.back, .settings(.overview))])
        return message(question, buttons: rows, replacesMenu: true)
    }

    /// `07:30`
    private static func time(_ minute: Int) -> String {
        String(format: "%02d:%02d", minute / 60, minute % 60)
    }

    /// `UTC+2`
    private static func zone(_ offset: Int) -> String {
        let (hours, minutes) = abs(offset).quotientAndRemainder(dividingBy: 60)
        return "UTC\(offset < 0 ? "−" : "+")\(hours)" + (minutes == 0 ? "" : String(format: ":%02d", minutes))
    }

    /// What a clock is off UTC that shows this hour now; whole hours, from −11 to +12.
    static func offset(ofHour hour: Int, now: Date) -> Int {
        let utcHour = Int((now.timeIntervalSince1970 / 3_600).rounded(.down)) % 24
        let difference = ((hour - utcHour) % 24 + 24) % 24
        return (difference > 12 ? difference - 24 : difference) * 60
    }
}
