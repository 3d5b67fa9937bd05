/// Lets concurrent writers of one kind share a statement and its commit: whoever comes while one is under way
/// goes with the next.
///
/// Nobody is answered before the commit that holds their row has returned, so that sharing costs nothing in safety
/// and saves a disk flush and a round trip for each.
package actor GroupCommit<Item: Sendable, Outcome: Sendable> {
    private struct Waiting {
        var item: Item
        var answer: CheckedContinuation<Result<Outcome, StoreError>, Never>
    }

    private let write: @Sendable ([Item]) async throws(StoreError) -> [Outcome]
    /// One commit flushes while the next is gathered; more would only make smaller batches.
    private let maximumFlights: Int
    private let maximumBatch: Int
    private var waiting: [Waiting] = []
    private var flights = 0

    /// - Parameter write: Writes all of them or none; one outcome each, in their order.
    package init(
        maximumFlights: Int = 2, maximumBatch: Int = 256,
        _ write: @escaping @Sendable ([Item]) async throws(StoreError) -> [Outcome]
    ) {
        self.write = write
        self.maximumFlights = maximumFlights
        self.maximumBatch = maximumBatch
    }

    /// Returns after the commit; cancelling the task does not take the item back.
    package func submit(_ item: Item) async throws(StoreError) -> Outcome {
        let result = await withCheckedContinuation { answer in
            waiting.append(Waiting(item: item, answer: answer))
            launch()
        }
        return try result.get()
    }

    private func launch() {
        while flights < maximumFlights, !waiting.isEmpty {
            let batch = Array(waiting.prefix(maximumBatch))
            waiting.removeFirst(batch.count)
            flights += 1
            Task {
                await fly(batch)
                flights -= 1
                launch()
            }
        }
    }

    private func fly(_ batch: [Waiting]) async {
        do {
            let outcomes = try await write(batch.map(\.item))
            for (item, outcome) in zip(batch, outcomes) { item.answer.resume(returning: .success(outcome)) }
            for item in batch.dropFirst(outcomes.count) {
                item.answer.resume(returning: .failure(.unreadable("a batch without an answer")))
            }
        } catch {
            for item in batch { item.answer.resume(returning: .failure(error)) }
        }
    }
}
