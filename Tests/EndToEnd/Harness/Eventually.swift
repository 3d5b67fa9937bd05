/// A condition that did not come true in time.
struct NeverHappened: Error, CustomStringConvertible {
    var description: String
}

/// Looks again and again until there is something to return.
///
/// Other processes cannot signal a test, so what they do is looked for. The limit is a safety net and no
/// assertion about speed.
func eventually<Value>(
    _ what: String, within limit: Duration = .seconds(60), every pause: Duration = .milliseconds(50),
    _ look: () async throws -> Value?
) async throws -> Value {
    let deadline = ContinuousClock.now + limit
    while true {
        if let value = try await look() { return value }
        guard .now < deadline else { throw NeverHappened(description: "\(what): not within \(limit)") }
        try await Task.sleep(for: pause)
    }
}

/// The same for a condition without a value.
func eventually(
    _ what: String, within limit: Duration = .seconds(60), every pause: Duration = .milliseconds(50),
    _ isTrue: () async throws -> Bool
) async throws {
    let _: Void = try await eventually(what, within: limit, every: pause) { try await isTrue() ? () : nil }
}
