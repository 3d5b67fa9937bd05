/// Chunks, with word of when the last of them has come. Nothing is said when they end with an error.
struct ChunksToTheEnd<Base: AsyncSequence & Sendable>: AsyncSequence, Sendable
where Base.Element == [UInt8] {
    typealias Element = [UInt8]

    let base: Base
    let ended: @Sendable () async -> Void

    func makeAsyncIterator() -> Iterator {
        Iterator(base: base.makeAsyncIterator(), ended: ended)
    }

    struct Iterator: AsyncIteratorProtocol {
        var base: Base.AsyncIterator
        var ended: (@Sendable () async -> Void)?

        mutating func next() async throws -> [UInt8]? {
            try await next(isolation: nil)
        }

        mutating func next(isolation actor: isolated (any Actor)?) async throws -> [UInt8]? {
            if let chunk = try await base.next(isolation: actor) { return chunk }
            await ended?()
            ended = nil
            return nil
        }
    }
}
