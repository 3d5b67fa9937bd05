import EmbeddedStack
import Foundation
import Postgres
import Testing

/// What can befall Postgres; a note that was acknowledged is never lost, and no process ends.
@Suite(.serialized, .enabled(if: FaultRow.isWanted))
struct PostgresRowTests {
    private func expectAllAlive(_ range: FaultRange) {
        #expect(range.coach.processes.allSatisfy { $0.program.isRunning })
    }

    @Test func `Postgres stops at once and its backends are killed`() async throws {
        try await FaultRange.run { range in
            var row = try await FaultRow("postgres-crashes", range)
            for _ in 1...2 {
                try await row.send(3)
                try await range.coach.postgres.crash()
                try await row.send(2, every: .seconds(1))
                try await range.coach.postgres.startAgain()
                for _ in 1...6 {
                    try await row.send(1)
                    try? await range.coach.ledger.execute(
                        """
                        select pg_terminate_backend(pid) from pg_stat_activity
                        where pid <> pg_backend_pid() and backend_type = 'client backend'
                        """)
                    try await Task.sleep(for: .milliseconds(400))
                }
            }
            try await row.judge()
            expectAllAlive(range)
        }
    }

    /// A connection that is cut leaves open whether its last statement was committed.
    @Test func `connections are cut in the middle of statements, again and again`() async throws {
        try await FaultRange.run { range in
            var row = try await FaultRow("postgres-cuts", range)
            for round in 1...60 {
                if round.isMultiple(of: 4) { try await row.send(1) }
                range[.postgres].cut(round.isMultiple(of: 2) ? .reset : .finished)
                try await Task.sleep(for: .milliseconds(20 + round * 37 % 300))
            }
            try await row.judge()
            expectAllAlive(range)
        }
    }

    /// `FAULTS_OUTAGE` seconds (100): longer than three leases.
    @Test func `Postgres is away for longer than leases, and Redis is emptied meanwhile`() async throws {
        let seconds = ProcessInfo.processInfo.environment["FAULTS_OUTAGE"].flatMap { Int($0) } ?? 100
        try await FaultRange.run { range in
            var row = try await FaultRow("postgres-away-\(seconds)s", range)
            try await row.send(6)
            await range.coach.postgres.stop()
            try await row.send(10, every: .seconds(seconds) / 10)
            try await range.redis(["FLUSHALL"])
            try await range.coach.postgres.startAgain()
            let verdict = try await row.judge(within: .seconds(150))
            #expect(verdict.explained == 0, "an outage is nobody's fault")
            expectAllAlive(range)
        }
    }

    @Test func `others take every connection that Postgres has`() async throws {
        try await FaultRange.run { range in
            var row = try await FaultRow("postgres-full", range)
            let greedy = try PostgresPool(
                configuration: PostgresConfiguration(uri: range.coach.databaseURI, poolSize: 120))
            let hogs = Task {
                await withTaskGroup(of: Void.self) { group in
                    for _ in 1...120 {
                        group.addTask {
                            _ = try? await greedy.query(
                                PostgresStatement("select pg_sleep(25)"), deadline: .now + .seconds(30))
                        }
                    }
                }
            }
            // Whoever has connections keeps them; who is cut off finds none.
            try await Task.sleep(for: .seconds(1))
            range[.postgres].cut(.reset)
            try await row.send(6, every: .seconds(2))
            await hogs.value
            await greedy.close()
            try await row.judge()
            expectAllAlive(range)
        }
    }
}
