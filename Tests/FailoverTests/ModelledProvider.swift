import Foundation
import Providers

/// Numbers that are the same in every run (SplitMix64).
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    /// Uniform in 0..<1.
    mutating func uniform() -> Double { Double(next() >> 11) / Double(1 << 53) }

    /// Of mean 0 and deviation 1 (Box–Muller).
    mutating func normal() -> Double {
        (-2 * log(max(uniform(), 1e-12))).squareRoot() * cos(2 * .pi * uniform())
    }
}

/// What is wrong with a provider for a while.
enum Trouble: Hashable {
    case refused, unavailable, blackHole
    /// Headers, then silence.
    case stall
    /// 429 with this `Retry-After`, seconds.
    case storm(retryAfter: Double)
    /// Everything takes so many times as long.
    case slow(Double)
    case truncated, invalid, quota
    /// This share of calls fails with 500.
    case errors(Double)
    /// Down and up in turns of this many seconds.
    case flapping(Double)
}

/// A provider with latencies from a distribution and troubles from a list. Seconds since the beginning.
struct ModelledProvider {
    var name: String
    /// A log-normal body, and one call in fifty that takes eight times as long: the slowest hundredth is then at
    /// about 17 s, as in the published case that hedging was measured on (clawvisor, pull request 355).
    var median = 2.0
    var spread = 0.4
    var tailShare = 0.02
    var tailFactor = 8.0
    /// Micro-USD for one token.
    var inputPrice = 0.1
    var outputPrice = 0.5
    var troubles: [(during: Range<Double>, trouble: Trouble)] = []

    /// What one call would be, left alone.
    struct Reply {
        enum End: Hashable { case answer, invalid, error(ProviderError) }
        /// Seconds.
        var after: Double
        var end: End
        var outputTokens: Int
        /// What the vendor charges whether or not anybody waits for the end.
        var bill: Double
    }

    static let inputTokens = 1_500

    func price(outputTokens: Int) -> Double {
        Double(Self.inputTokens) * inputPrice + Double(outputTokens) * outputPrice
    }

    func trouble(at time: Double) -> Trouble? {
        for (during, trouble) in troubles where during.contains(time) {
            guard case .flapping(let period) = trouble else { return trouble }
            return Int((time - during.lowerBound) / period).isMultiple(of: 2) ? .unavailable : nil
        }
        return nil
    }

    /// - Parameter patience: Seconds that the caller waits at most; a black hole shows after six, a stall
    ///   after five, as with the adapters' own limits on first and following bytes.
    func reply(at time: Double, patience: Double, _ numbers: inout SeededNumbers) -> Reply {
        let tokens = max(100, Int(600 * exp(0.25 * numbers.normal())))
        var latency = median * exp(spread * numbers.normal())
        if numbers.uniform() < tailShare { latency *= tailFactor * (0.75 + numbers.uniform()) }
        let chance = numbers.uniform()
        func failure(_ error: ProviderError, after: Double) -> Reply {
            Reply(after: min(after, patience), end: .error(error), outputTokens: 0, bill: 0)
        }
        var end = Reply.End.answer
        switch trouble(at: time) {
        case .refused: return failure(.network(mayHaveActed: false), after: 0.005)
        case .unavailable: return failure(.overloaded(retryAfter: nil), after: 0.1)
        case .blackHole: return failure(.timedOut(mayHaveActed: true), after: 6)
        case .stall:
            // It wrote its answer, and charges for it, although the answer never arrived.
            var reply = failure(.timedOut(mayHaveActed: true), after: 0.5 + 5)
            reply.bill = price(outputTokens: tokens)
            return reply
        case .storm(let wait): return failure(.rateLimited(retryAfter: .seconds(wait)), after: 0.1)
        case .quota: return failure(.quota, after: 0.1)
        case .errors(let share) where chance < share: return failure(.server(status: 500), after: 0.3)
        case .slow(let factor): latency *= factor
        case .truncated: end = .error(.truncated)
        case .invalid: end = .invalid
        case .errors, .flapping, nil: break
        }
        let bill = price(outputTokens: tokens)
        guard latency <= patience else {
            return Reply(
                after: patience, end: .error(.timedOut(mayHaveActed: true)), outputTokens: 0, bill: bill)
        }
        return Reply(after: latency, end: end, outputTokens: tokens, bill: bill)
    }
}
