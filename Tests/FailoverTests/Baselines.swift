import Foundation
import Providers

/// What others do by default, on the same jobs. Both are given our deadline and our limit of 15 s for a call,
/// which is kinder than their own 600 s, and the rules coach behind them.
enum Baseline: String, CaseIterable {
    /// Each provider once, in order, without memory.
    case plainChain = "next on error"
    /// LiteLLM's router, one deployment in each group: two retries of the same model on anything but 400 and
    /// 401, honouring `Retry-After` up to a minute, else half a second doubling to eight, then the fallback. A
    /// group of one deployment never cools down.
    case liteLLM = "LiteLLM router"

    func run(_ workload: Workload) -> SimulationResult {
        var result = SimulationResult()
        var numbers = SeededNumbers(seed: workload.seed &+ 7_919)
        // Jobs do not influence each other without a memory, so one after the other is the same as at once.
        for arrived in workload.arrivals() {
            result.jobs.append(run(arrived, workload, &result, &numbers))
        }
        return result
    }

    private func run(
        _ arrived: Double, _ workload: Workload, _ result: inout SimulationResult,
        _ numbers: inout SeededNumbers
    ) -> SimulationResult.Job {
        var now = arrived
        let end = arrived + workload.deadline
        var calls = 0
        var closedUntil: [String: Double] = [:]
        for provider in workload.providers {
            var retries = self == .liteLLM ? 2 : 0
            var pause = 0.5
            while now < end {
                calls += 1
                if let closed = closedUntil[provider.name], now < closed { result.callsInsideRetryAfter += 1 }
                let reply = provider.reply(at: now, patience: min(15, end - now), &numbers)
                result.calls.append(
                    .init(provider: provider.name, started: now, isRepeat: false, isExtra: false))
                now += reply.after
                result.bill += reply.bill
                switch reply.end {
                case .answer:
                    return .init(arrived: arrived, wait: now - arrived, provider: provider.name, calls: calls)
                case .invalid:
                    // Neither looks into the answer: it is delivered and of no use to the user.
                    return .init(arrived: arrived, wait: now - arrived, provider: nil, calls: calls)
                case .error(.truncated):
                    return .init(arrived: arrived, wait: now - arrived, provider: nil, calls: calls)
                case .error(let error):
                    var wait = pause
                    if case .rateLimited(let asked?) = error {
                        let seconds = asked / .seconds(1)
                        closedUntil[provider.name] = now + seconds
                        if seconds <= 60 { wait = seconds }
                    }
                    if error == .quota, retries > 0 { result.repeatsOfHopeless += 1 }
                    guard retries > 0 else { break }
                    retries -= 1
                    pause = min(pause * 2, 8)
                    now += wait
                    continue
                }
                break
            }
        }
        return .init(arrived: arrived, wait: min(now, end) - arrived, provider: nil, calls: calls)
    }
}
