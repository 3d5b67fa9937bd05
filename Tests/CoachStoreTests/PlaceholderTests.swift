import CoachDomain
import CoachStore
import Testing

struct PlaceholderTests {
    private func claim(_ placeholder: Placeholder) throws -> PlaceholderClaim {
        guard case .yours(let claim) = placeholder else { throw FixtureError() }
        return claim
    }

    @Test func `one of many may send it, and then all know it`() async throws {
        let fixture = try await LedgerFixture()
        let job = try await fixture.claimedNote()
        let note = try #require(job.note)
        let answers = try await withThrowingTaskGroup(of: Placeholder.self) { group in
            for _ in 1...10 {
                group.addTask {
                    try await fixture.ledger.claimPlaceholder(note, under: job.lease, patience: .seconds(30))
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let claims = answers.compactMap { if case .yours(let claim) = $0 { claim } else { nil } }
        #expect(claims.count == 1)
        #expect(try await fixture.ledger.placeholderSent(try #require(claims.first), messageID: 99))
        #expect(
            try await fixture.ledger.claimPlaceholder(note, under: job.lease, patience: .zero)
                == .sent(messageID: 99))
    }

    @Test func `a send that failed for certain may be tried by anyone at once`() async throws {
        let fixture = try await LedgerFixture()
        let job = try await fixture.claimedNote()
        let note = try #require(job.note)
        let first = try claim(
            try await fixture.ledger.claimPlaceholder(note, under: job.lease, patience: .seconds(30)))
        try await fixture.ledger.placeholderNotSent(first)
        _ = try claim(
            try await fixture.ledger.claimPlaceholder(note, under: job.lease, patience: .seconds(30)))
    }

    @Test func `after a lost outcome a fresh one is sent, and the late report is refused`() async throws {
        let fixture = try await LedgerFixture()
        let job = try await fixture.claimedNote()
        let note = try #require(job.note)
        let lost = try claim(
            try await fixture.ledger.claimPlaceholder(note, under: job.lease, patience: .seconds(30)))
        #expect(
            try await fixture.ledger.claimPlaceholder(note, under: job.lease, patience: .seconds(30))
                == .beingSent)
        try await fixture.ledger.placeholderLost(lost)
        let fresh = try claim(
            try await fixture.ledger.claimPlaceholder(note, under: job.lease, patience: .seconds(30)))
        #expect(try await fixture.ledger.placeholderSent(lost, messageID: 1) == false)
        #expect(try await fixture.ledger.placeholderSent(fresh, messageID: 2))
        #expect(
            try await fixture.ledger.claimPlaceholder(note, under: job.lease, patience: .zero)
                == .sent(messageID: 2))
    }

    @Test func `a deleted placeholder is forgotten only by its own id`() async throws {
        let fixture = try await LedgerFixture()
        let job = try await fixture.claimedNote()
        let note = try #require(job.note)
        let mine = try claim(
            try await fixture.ledger.claimPlaceholder(note, under: job.lease, patience: .seconds(30)))
        _ = try await fixture.ledger.placeholderSent(mine, messageID: 5)
        try await fixture.ledger.forgetPlaceholder(note, messageID: 4, under: job.lease)
        #expect(
            try await fixture.ledger.claimPlaceholder(note, under: job.lease, patience: .zero)
                == .sent(messageID: 5))
        try await fixture.ledger.forgetPlaceholder(note, messageID: 5, under: job.lease)
        _ = try claim(
            try await fixture.ledger.claimPlaceholder(note, under: job.lease, patience: .seconds(30)))
    }

    @Test func `a worker that slept through its lease writes down no placeholder and forgets none`()
        async throws
    {
        let fixture = try await LedgerFixture()
        let zombie = try await fixture.claimedNote()
        let note = try #require(zombie.note)
        let mine = try claim(
            try await fixture.ledger.claimPlaceholder(note, under: zombie.lease, patience: .seconds(30)))
        try await fixture.execute("update jobs set lease_expires_at = now() - interval '1 second'")
        _ = try await fixture.ledger.rescueExpired(limit: 10, crashLimit: 3, advice: advice)
        #expect(try await fixture.ledger.placeholderSent(mine, messageID: 1) == false)
        try await fixture.ledger.placeholderNotSent(mine)
        try await fixture.ledger.placeholderLost(mine)
        #expect(try await fixture.text("select placeholder_state from voice_messages") == "sending")

        let owner = try #require(
            try await fixture.ledger.claim([zombie.lease.job], lease: .seconds(30)).first)
        let fresh = try claim(
            try await fixture.ledger.claimPlaceholder(note, under: owner.lease, patience: .zero))
        #expect(try await fixture.ledger.placeholderSent(fresh, messageID: 2))
        try await fixture.ledger.forgetPlaceholder(note, messageID: 2, under: zombie.lease)
        #expect(try await fixture.integer("select placeholder_message_id from voice_messages") == 2)
        await #expect(throws: StoreError.fenced(zombie.lease.job)) {
            _ = try await fixture.ledger.claimPlaceholder(note, under: zombie.lease, patience: .zero)
        }
    }

    @Test func `a job that has ended may still write down the placeholder it sent`() async throws {
        let fixture = try await LedgerFixture()
        let job = try await fixture.claimedNote()
        let note = try #require(job.note)
        let mine = try claim(
            try await fixture.ledger.claimPlaceholder(note, under: job.lease, patience: .seconds(30)))
        _ = try await fixture.ledger.completeTranscription(
            job.lease, .sample, coachWithin: .seconds(25), calls: [])
        #expect(try await fixture.ledger.placeholderSent(mine, messageID: 3))
    }
}
