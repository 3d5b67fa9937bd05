import CoachDomain
import Conversation
import Testing

struct CallbackDataTests {
    private static let requests: [SpeakerRequest] =
        [.progress, .history, .export, .practise(nil)]
        + SpeakerRequest.Topic.allCases.map { .tell($0) } + PracticeGoal.allCases.map { .practise($0) }
        + SpeakerRequest.SettingsPage.allCases.map { .settings($0) }
        + SpeakerRequest.Erasure.allCases.map { .erase($0) }
        + SpeakerRequest.NoteAction.allCases.map { .note(NoteID(.max), $0) }
        + CoachingTopic.allCases.map { .change(.focus($0)) }
        + [
            SettingsChange.coachLanguage(nil), .coachLanguage("de"), .spokenLanguage(nil),
            .spokenLanguage("pt"),
            .focus(nil), .sendsCard(true), .sendsCard(false), .darkPictures(true), .speaksRewrite(false),
            .reminder(nil), .reminder(0), .reminder(1_439), .utcOffset(-720), .utcOffset(840),
        ].map { .change($0) }

    @Test(arguments: requests)
    func `a button brings back what was put into it, within Telegram's limit`(request: SpeakerRequest) {
        let data = CallbackData.encode(request)
        #expect((1...64).contains(data.utf8.count))
        #expect(CallbackData.decode(data) == request)
    }

    @Test(arguments: [
        "", ":", "note", "note:1", "note:x:tips", "note:0:tips", "note:9223372036854775808:tips",
        "note:1:tips:2",
        "set:coach:DE", "set:coach:d", "set:coach:deutsch", "set:card:maybe", "set:reminder:1440",
        "set:reminder:-1",
        "set:clock:841", "set:clock:x", "set:focus:loud", "tell:secret", "erase:now", "settings:",
        "practise:war",
    ])
    func `what no button carries is nothing`(data: String) {
        #expect(CallbackData.decode(data) == nil)
    }
}
