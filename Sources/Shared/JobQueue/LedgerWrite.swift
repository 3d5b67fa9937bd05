import CoachDomain
package import CoachStore

/// Writes to the ledger that hold something paid for: they wait out an outage instead of giving up.
package enum LedgerWrite {
    /// Repeats `write` while the ledger is out of reach.
    ///
    /// Safe because every such write is fenced: if a lost answer hid a success, the repetition is refused as
    /// ``StoreError/fenced(_:)``, and the job that the first one made is announced by the sweeper. A lease
    /// that ran out meanwhile does no harm either, as long as nobody else claimed the job.
    ///
    /// - Parameter patience: What is paid for is worth waiting for: without a ledger there is nothing else to do,
    ///   and a call is paid again only when an outage lasts longer than this.
    package static func persist<Success: Sendable>(
        patience: Duration = .seconds(1_800),
        _ write: @escaping @Sendable () async throws(StoreError) -> Success
    ) async throws(StoreError) -> Success {
        let limit = ContinuousClock.now + patience
        // Unstructured: cancelling the work must not lose the record of it.
        let writing = Task { () -> Result<Success, StoreError> in
            var refusals = 0
            while true {
                do throws(StoreError) {
                    return .success(try await write())
                } catch {
                    guard error.isTransient, .now < limit else { return .failure(error) }
                    refusals += 1
                    try? await Task.sleep(for: Backoff.afterRefusals(refusals))
                }
            }
        }
        return try await writing.value.get()
    }
}

/// Waits of a loop that must never give up and never spin.
package enum Backoff {
    /// Jittered, doubling from 100 ms up to 5 s.
    package static func afterRefusals(_ count: Int) -> Duration {
        let bound = min(5, 0.1 * Double(1 << min(max(count - 1, 0), 6)))
        return .seconds(bound * .random(in: 0.5..<1))
    }
}
