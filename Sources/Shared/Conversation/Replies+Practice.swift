package import CoachDomain

extension Replies {
    /// Asks what the person practises for.
    package func chooseGoal() -> OutgoingMessage {
        let words = book.practice
        func goal(_ label: String, _ goal: PracticeGoal) -> MessageButton { button(label, .practise(goal)) }
        return message(
            words.chooseGoal,
            buttons: [
                [goal(words.interview, .interview), goal(words.pitch, .pitch)],
                [goal(words.smallTalk, .smallTalk), goal(words.exam, .exam)],
            ])
    }

    /// - Parameter isRepeated: The person has had all prompts of this goal.
    package func topic(_ text: String, for goal: PracticeGoal, isRepeated: Bool) -> OutgoingMessage {
        var answer = message("", buttons: [[button(book.buttons.more, .practise(goal))]])
        answer.body += (isRepeated ? book.practice.seenAll : book.practice.prompt) + "\n\n"
        answer.body.append(text, .bold)
        return answer
    }
}
