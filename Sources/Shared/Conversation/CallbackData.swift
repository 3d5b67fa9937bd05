package import CoachDomain

/// A request as the data of a button: short, readable in a log, and free of anything that was said.
///
/// Telegram allows 64 bytes. What a button carries is what a stranger's program may send as well, so everything is
/// parsed and nothing believed: whether a note is the presser's own is for the ledger to say.
package enum CallbackData {
    /// The data of a button that makes this request.
    package static func encode(_ request: SpeakerRequest) -> String {
        switch request {
        case .tell(let topic): "tell:\(topic.rawValue)"
        case .note(let note, let action): "note:\(note):\(action.rawValue)"
        case .progress: "progress"
        case .history: "history"
        case .practise(let goal): "practise:\(goal?.rawValue ?? "")"
        case .settings(let page): "settings:\(page.rawValue)"
        case .change(let change): "set:" + encode(change)
        case .export: "export"
        case .erase(let step): "erase:\(step.rawValue)"
        }
    }

    private static func encode(_ change: SettingsChange) -> String {
        switch change {
        case .coachLanguage(let tag): "coach:\(tag ?? "")"
        case .spokenLanguage(let tag): "spoken:\(tag ?? "")"
        case .focus(let topic): "focus:\(topic?.rawValue ?? "")"
        case .sendsCard(let isOn): "card:\(isOn ? "on" : "off")"
        case .darkPictures(let isOn): "dark:\(isOn ? "on" : "off")"
        case .speaksRewrite(let isOn): "voice:\(isOn ? "on" : "off")"
        case .reminder(let minute): "reminder:\(minute.map(String.init) ?? "")"
        case .utcOffset(let minutes): "clock:\(minutes)"
        }
    }

    /// The request behind a button; `nil` for data that no button of this program carries.
    package static func decode(_ data: String) -> SpeakerRequest? {
        var words = data.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard words.count <= 3 else { return nil }
        let name = words.removeFirst()
        switch (name, words.count) {
        case ("progress", 0): return .progress
        case ("history", 0): return .history
        case ("export", 0): return .export
        case ("tell", 1): return SpeakerRequest.Topic(rawValue: words[0]).map { .tell($0) }
        case ("practise", 1):
            return words[0].isEmpty
                ? .practise(nil) : PracticeGoal(rawValue: words[0]).map { .practise($0) }
        case ("settings", 1): return SpeakerRequest.SettingsPage(rawValue: words[0]).map { .settings($0) }
        case ("erase", 1): return SpeakerRequest.Erasure(rawValue: words[0]).map { .erase($0) }
        case ("note", 2):
            guard let id = Int64(words[0]), id > 0,
                let action = SpeakerRequest.NoteAction(rawValue: words[1])
            else { return nil }
            return .note(NoteID(id), action)
        case ("set", 2): return change(words[0], to: words[1]).map { .change($0) }
        default: return nil
        }
    }

    private static func change(_ name: String, to value: String) -> SettingsChange? {
        switch name {
        case "coach" where value.isEmpty || isTag(value): .coachLanguage(value.isEmpty ? nil : value)
        case "spoken" where value.isEmpty || isTag(value): .spokenLanguage(value.isEmpty ? nil : value)
        case "focus" where value.isEmpty: .focus(nil)
        case "focus": CoachingTopic(rawValue: value).map { .focus($0) }
        case "card" where value == "on" || value == "off": .sendsCard(value == "on")
        case "dark" where value == "on" || value == "off": .darkPictures(value == "on")
        case "voice" where value == "on" || value == "off": .speaksRewrite(value == "on")
        case "reminder" where value.isEmpty: .reminder(nil)
        case "reminder": Int(value).flatMap { (0..<1_440).contains($0) ? .reminder($0) : nil }
        // From Baker Island to Kiribati.
        case "clock": Int(value).flatMap { (-720...840).contains($0) ? .utcOffset($0) : nil }
        default: nil
        }
    }

    /// A primary language tag.
    private static func isTag(_ text: String) -> Bool {
        (2...3).contains(text.utf8.count)
            && text.utf8.allSatisfy { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }
    }
}
