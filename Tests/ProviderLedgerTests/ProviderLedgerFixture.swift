import CoachDomain
import CoachStore
import Foundation
import Logging
import Postgres
import ProviderLedger
import Support

@testable import Providers

/// A ledger of one test's own, as several processes see it.
struct ProviderLedgerFixture {
    let uri: String
    let pool: PostgresPool
    let ledger: Ledger

    init() async throws {
        uri = try await TestServers.shared.migratedDatabase()
        pool = try PostgresPool(configuration: PostgresConfiguration(uri: uri, poolSize: 4))
        ledger = Ledger(pool: pool, actor: "test@host/1/a")
    }

    /// The same ledger over connections of its own.
    func process(_ name: String) throws -> Ledger {
        Ledger(
            pool: try PostgresPool(configuration: PostgresConfiguration(uri: uri, poolSize: 8)), actor: name)
    }

    func purse(_ limits: SpendingLimits, _ ledger: Ledger? = nil) -> LedgerPurse {
        LedgerPurse(ledger: ledger ?? self.ledger, limits: limits, logger: .silent)
    }

    func execute(_ sql: String) async throws { _ = try await pool.query(PostgresStatement(sql)) }

    func integer(_ sql: String) async throws -> Int {
        try await pool.query(PostgresStatement(sql)).first?.decode(0, as: Int.self) ?? -1
    }

    func text(_ sql: String) async throws -> String? {
        try await pool.query(PostgresStatement(sql)).first?.decode(0, as: String?.self)
    }
}

extension Logger {
    static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}

extension ProviderKey {
    static let openAI = ProviderKey(provider: "openai", model: "gpt-6-luna", operation: .coaching)
    static let gemini = ProviderKey(provider: "gemini", model: "gemini-3.5-flash-lite", operation: .coaching)
}

extension SpendingRequest {
    static func of(_ micros: Int64, _ key: ProviderKey = .openAI, note: NoteID? = nil) -> SpendingRequest {
        SpendingRequest(
            key: key, job: nil, note: note, microUSD: micros, priceVersion: "2026-11-20+test",
            deadline: .now + .seconds(10))
    }
}

extension ProviderCall {
    static func of(_ micros: Int64, seconds: Double = 1) -> ProviderCall {
        ProviderCall(
            provider: "openai", model: "gpt-6-luna", operation: .coaching, units: ["input_token": 10],
            costMicroUSD: micros, priceVersion: "2026-11-20+test", latencySeconds: seconds, outcome: .success)
    }
}
