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
        try await fixture.ledger.forgetPlaceholder(note, messageID: 4)
        #expect(
            try await fixture.ledger.claimPlaceholder(note, under: job.lease, patience: .zero)
                == .sent(messageID: 5))
        try await fixture.ledger.forgetPlaceholder(note, messageID: 5)
        _ = try claim(
            try await fixture.ledger.claimPlaceholder(note, under: job.lease, patience: .seconds(30)))
    }
}
