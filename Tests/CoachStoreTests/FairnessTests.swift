import CoachDomain
import CoachStore
import Testing

struct FairnessTests {
    private func accept(
        _ fixture: LedgerFixture, _ updates: ClosedRange<Int64>, of user: Int64,
        rules: IntakeRules = IntakeRules()
    ) async throws -> [Accepted] {
        let notes = updates.map { fixture.note(update: $0, user: user) }
        return try await fixture.ledger.accept(notes, botID: 1, rules: rules, deadline: nil)
            .sorted { $0.key < $1.key }.map(\.value)
    }

    private func finish(_ fixture: LedgerFixture, _ job: JobID) async throws -> [JobHint] {
        let claimed = try #require(try await fixture.ledger.claim([job], lease: .seconds(30)).first)
        return try await fixture.ledger.completeTranscription(
            claimed.lease, .sample, coachWithin: .seconds(25), calls: [])
    }

    @Test func `of one person one note is in hand and the others wait in order`() async throws {
        let fixture = try await LedgerFixture()
        let accepted = try await accept(fixture, 1...4, of: 7)
        #expect(accepted.map(\.standing) == [.admitted, .waiting, .waiting, .waiting])
        #expect(accepted.compactMap(\.hint).map(\.job) == [accepted[0].job])
        #expect(try await accept(fixture, 6...6, of: 8).map(\.standing) == [.admitted])
        let claims = try await fixture.ledger.claim(accepted.map(\.job), lease: .seconds(30))
        #expect(claims.map(\.lease.job) == [accepted[0].job], "a stray hint does not overtake")
        var following = try await fixture.ledger.completeTranscription(
            claims[0].lease, .sample, coachWithin: .seconds(25), calls: [])
        #expect(following.map(\.stage) == [.coach, .transcribe])
        #expect(following[1].job == accepted[1].job)
        following = try await finish(fixture, accepted[1].job)
        #expect(following[1].job == accepted[2].job)
    }

    @Test func `a note in trouble does not block its sender's others`() async throws {
        let fixture = try await LedgerFixture()
        let accepted = try await accept(fixture, 1...3, of: 7)
        let claims = try await fixture.ledger.claim(accepted.map(\.job), lease: .seconds(30))
        let following = try await fixture.ledger.fail(
            claims[0].lease, failure: JobFailure(.transient, code: "x", detail: ""),
            next: JobLifeCycle(state: .retrying, attempts: 1), delay: .seconds(60), advice: advice)
        #expect(following == [JobHint(job: accepted[1].job, stage: .transcribe)])
    }

    @Test func `nobody overtakes a person's own waiting notes, and a lost admission is repaired`()
        async throws
    {
        let fixture = try await LedgerFixture()
        let accepted = try await accept(fixture, 1...4, of: 7)
        // The one in hand ends in a statement that sees none waiting.
        try await fixture.execute("update jobs set state = 'cancelled' where id = \(accepted[0].job)")
        #expect(try await accept(fixture, 5...5, of: 7).map(\.standing) == [.waiting])
        #expect(try await fixture.ledger.admitWaiting(limit: 10).map(\.job) == [accepted[1].job])
        #expect(try await fixture.ledger.admitWaiting(limit: 10).isEmpty)
    }

    @Test func `many who finish at once admit each waiting note once`() async throws {
        let fixture = try await LedgerFixture()
        var left = try await accept(fixture, 1...30, of: 7).map(\.job)
        var announced = Array(left.prefix(Ledger.notesInHand))
        var seen: [JobID] = []
        while !announced.isEmpty {
            let claims = try await fixture.ledger.claim(announced, lease: .seconds(30))
            seen += claims.map(\.lease.job)
            left.removeAll { seen.contains($0) }
            announced = try await withThrowingTaskGroup(of: [JobHint].self) { group in
                for claim in claims {
                    group.addTask {
                        try await fixture.ledger.completeTranscription(
                            claim.lease, .sample, coachWithin: .seconds(25), calls: [])
                    }
                }
                return try await group.reduce(into: []) {
                    $0 += $1.filter { $0.stage == .transcribe }.map(\.job)
                }
            }
            announced += try await fixture.ledger.admitWaiting(limit: 10).map(\.job)
            #expect(announced.count <= Ledger.notesInHand || !left.isEmpty)
        }
        #expect(left.isEmpty && seen.count == 30 && Set(seen).count == 30)
    }

    @Test func `over the quota a note is refused in the sender's language, and counts no further`()
        async throws
    {
        let fixture = try await LedgerFixture()
        let rules = IntakeRules(dailyQuota: 3, refusal: advice)
        _ = try await accept(fixture, 1...2, of: 7, rules: rules)
        let later = try await accept(fixture, 3...5, of: 7, rules: rules)
        #expect(later[0].standing == .waiting)
        for refused in later[1...] {
            guard case .refused(let telling) = refused.standing else { throw FixtureError() }
            #expect(refused.hint == JobHint(job: telling, stage: .deliver))
            let job = try #require(try await fixture.ledger.claim([telling], lease: .seconds(30)).first)
            let message = try await fixture.ledger.outboundMessage(try #require(job.outboundMessageID))
            #expect(
                message.kind == .advice && message.face.body.text == "Sorry." && message.note == refused.note)
        }
        #expect(
            try await fixture.integer("select count(*) from jobs where last_error_code = 'quota.exceeded'")
                == 2)
        #expect(try await accept(fixture, 6...6, of: 8, rules: rules).map(\.standing) == [.admitted])
        try await fixture.execute("update voice_messages set received_at = received_at - interval '1 day'")
        #expect(try await accept(fixture, 7...7, of: 7, rules: rules).map(\.standing) == [.waiting])
    }
}
