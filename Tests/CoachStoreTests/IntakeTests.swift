import CoachDomain
import CoachStore
import Testing

struct IntakeTests {
    @Test func `a batch of notes becomes one job each`() async throws {
        let fixture = try await LedgerFixture()
        let notes = (1...50).map { fixture.note(update: Int64($0), user: Int64($0 % 5)) }
        let accepted = try await fixture.ledger.accept(notes, botID: 1, deadline: nil)
        #expect(accepted.count == 50)
        #expect(Set(accepted.values.map(\.job)).count == 50)
        #expect(try await fixture.integer("select count(*) from users") == 5)
        #expect(try await fixture.integer("select count(*) from job_events where event = 'accepted'") == 50)
    }

    @Test func `the same update is accepted once, whoever delivers it at the same time`() async throws {
        let fixture = try await LedgerFixture()
        let new = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 1...20 {
                group.addTask {
                    try await fixture.ledger.accept([fixture.note()], botID: 1, deadline: nil).count
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(new == 1)
        #expect(try await fixture.integer("select count(*) from jobs") == 1)
    }

    @Test func `the same message under a new update id is not a second note`() async throws {
        let fixture = try await LedgerFixture()
        _ = try await fixture.ledger.accept([fixture.note(update: 1, message: 9)], botID: 1, deadline: nil)
        let again = try await fixture.ledger.accept(
            [fixture.note(update: 2, message: 9)], botID: 1, deadline: nil)
        #expect(again.isEmpty)
    }

    @Test func `two bots may see the same numbers`() async throws {
        let fixture = try await LedgerFixture()
        for bot in [1, 2] as [Int64] {
            #expect(try await fixture.ledger.accept([fixture.note()], botID: bot, deadline: nil).count == 1)
        }
    }

    @Test func `absent fields stay absent and a known language is not forgotten`() async throws {
        let fixture = try await LedgerFixture()
        var bare = fixture.note(update: 2, language: nil)
        (bare.fileBytes, bare.mimeType, bare.declaredSeconds) = (nil, nil, nil)
        _ = try await fixture.ledger.accept(
            [fixture.note(update: 1, language: "de")], botID: 1, deadline: nil)
        let accepted = try await fixture.ledger.accept([bare], botID: 1, deadline: nil)
        let id = try #require(accepted[2]?.note)
        let note = try await fixture.ledger.noteToTranscribe(id)
        #expect(note.fileBytes == nil && note.mimeType == nil && note.declaredSeconds == nil)
        #expect(try await fixture.text("select language_code from users") == "de")
    }

    @Test func `a request becomes one job of the converse stage`() async throws {
        let fixture = try await LedgerFixture()
        let request = IncomingRequest(
            userID: 7, chatID: 8, updateID: 3, messageID: 4, callbackQueryID: "q", languageCode: "en",
            body: .change(.focus(.pitch)))
        let accepted = try await fixture.ledger.accept([request, request], botID: 1, deadline: nil)
        let job = try #require(accepted[3])
        #expect(job.stage == .converse && job.note == nil && accepted.count == 1)
        let claimed = try #require(try await fixture.ledger.claim([job.job], lease: .seconds(30)).first)
        let stored = try await fixture.ledger.requestToAnswer(try #require(claimed.requestID))
        #expect(stored.request == request.body && stored.chatID == 8 && stored.messageID == 4)
        #expect(stored.callbackQueryID == "q" && stored.person.language == "en")
    }
}
