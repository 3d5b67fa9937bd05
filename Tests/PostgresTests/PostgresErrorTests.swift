import Testing

@testable import Postgres

@Suite struct PostgresErrorTests {
    @Test(arguments: [
        "25006", "25P02", "26000", "40001", "40P01", "55P03", "57P01", "57P02", "57P03", "53300", "53100",
        "08006",
    ])
    func `conditions that pass are transient`(sqlState: String) {
        #expect(PostgresError.rejected(sqlState: sqlState, message: "", constraint: nil).isTransient)
    }

    @Test(arguments: ["23505", "23503", "42601", "42P01", "22P02", "0A000", "28P01", "57014"])
    func `mistakes are permanent`(sqlState: String) {
        #expect(!PostgresError.rejected(sqlState: sqlState, message: "", constraint: nil).isTransient)
    }

    @Test func `a stale plan is transient, other unsupported features are not`() {
        let stale = "cached plan must not change result type"
        #expect(PostgresError.rejected(sqlState: "0A000", message: stale, constraint: nil).isTransient)
        #expect(!PostgresError.rejected(sqlState: "0A000", message: "no", constraint: nil).isTransient)
    }

    @Test func `only an unknown outcome may have taken effect`() {
        #expect(PostgresError.disconnected(outcomeUnknown: true, reason: "").mayHaveTakenEffect)
        #expect(!PostgresError.disconnected(outcomeUnknown: false, reason: "").mayHaveTakenEffect)
        #expect(PostgresError.timedOut(outcomeUnknown: true).mayHaveTakenEffect)
        #expect(PostgresError.cancelled(outcomeUnknown: true).mayHaveTakenEffect)
        #expect(!PostgresError.rejected(sqlState: "23505", message: "", constraint: nil).mayHaveTakenEffect)
        #expect(!PostgresError.poolExhausted.mayHaveTakenEffect)
    }

    @Test func `cancellation and closing are not to be retried`() {
        #expect(!PostgresError.cancelled(outcomeUnknown: false).isTransient)
        #expect(!PostgresError.closed.isTransient)
        #expect(PostgresError.connectionFailed(reason: "").isTransient)
    }

    @Test func `the offending value is cut from a data exception`() {
        let message = "invalid input syntax for type uuid: \"what the user said\""
        #expect(ServerReport.withoutData(message, sqlState: "22P02") == "invalid input syntax for type uuid")
        #expect(
            ServerReport.withoutData("relation \"jobs\" does not exist", sqlState: "42P01").contains("jobs"))
    }
}
