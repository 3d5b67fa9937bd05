import CoachDomain
import Foundation
import Providers

/// What one run showed.
struct SimulationResult: Sendable {
    struct Job {
        var arrived: Double
        /// Seconds from arrival to feedback of whatever kind.
        var wait: Double
        /// `nil` when the rules coach answered.
        var provider: String?
        var calls: Int
    }

    struct Call {
        var provider: String
        var started: Double
        var isRepeat: Bool
        /// Beside the call that counts.
        var isExtra: Bool
    }

    var jobs: [Job] = []
    var calls: [Call] = []
    /// What the vendors charge and what the ledger says, micro-USD.
    var bill = 0.0
    var booked = 0.0
    /// Calls that started although the provider had asked to be left alone.
    var callsInsideRetryAfter = 0
    var repeatsOfHopeless = 0
    /// Of each provider's breaker.
    var transitions: [String: Int] = [:]

    func quantile(_ share: Double, during: Range<Double> = 0..<Double.infinity) -> Double {
        let waits = jobs.filter { during.contains($0.arrived) }.map(\.wait).sorted()
        guard !waits.isEmpty else { return 0 }
        return waits[min(waits.count - 1, Int((share * Double(waits.count)).rounded(.up)) - 1)]
    }

    func amplification(during: Range<Double> = 0..<Double.infinity) -> Double {
        let chosen = jobs.filter { during.contains($0.arrived) }
        return Double(chosen.reduce(0) { $0 + $1.calls }) / Double(max(chosen.count, 1))
    }

    func share(answeredByModels during: Range<Double> = 0..<Double.infinity) -> Double {
        let chosen = jobs.filter { during.contains($0.arrived) }
        return Double(chosen.count { $0.provider != nil }) / Double(max(chosen.count, 1))
    }
}

/// The same jobs at the same instants, handled by whoever is compared.
struct Workload {
    var providers: [ModelledProvider]
    var seconds = 1_800.0
    /// Jobs in a second, on average (Poisson).
    var rate = 2.0
    /// Seconds from a job's arrival to the local report.
    var deadline = 40.0
    var seed: UInt64 = 1

    func arrivals() -> [Double] {
        var numbers = SeededNumbers(seed: seed)
        var times: [Double] = []
        var time = 0.0
        while time < seconds {
            time += -log(max(numbers.uniform(), 1e-12)) / rate
            if time < seconds { times.append(time) }
        }
        return times
    }
}

/// The product's own policy and board on a virtual clock, doing what ``ProviderRace`` does with tasks.
struct PolicySimulation {
    private enum Event { case arrival(Int), end(job: Int, attempt: Int), alarm(Int) }

    private struct Underway {
        var attempt: FailoverPolicy.Attempt
        var reply: ModelledProvider.Reply
    }

    private struct Job {
        var policy: FailoverPolicy
        var arrived: Double
        var underway: [Int: Underway] = [:]
        var isDone = false
        var hopeless: Set<String> = []
    }

    private let workload: Workload
    private let keys: [ProviderKey]
    private let origin = ContinuousClock.now
    private var board: ProviderBoard
    private var numbers: SeededNumbers
    private var queue = EventQueue<Event>()
    private var jobs: [Job] = []
    private var result = SimulationResult()
    private var closedUntil: [String: Double] = [:]

    static func run(_ workload: Workload, isHedging: Bool = true) -> SimulationResult {
        var simulation = PolicySimulation(workload, isHedging: isHedging)
        return simulation.run()
    }

    private init(_ workload: Workload, isHedging: Bool) {
        self.workload = workload
        keys = workload.providers.map { ProviderKey(provider: $0.name, model: "m", operation: .coaching) }
        var settings = ProviderBoard.Settings()
        settings.isHedging = isHedging
        board = ProviderBoard(settings: settings)
        numbers = SeededNumbers(seed: workload.seed &+ 7_919)
    }

    private func instant(_ time: Double) -> ContinuousClock.Instant { origin + .seconds(time) }
    private func time(_ instant: ContinuousClock.Instant) -> Double { (instant - origin) / .seconds(1) }

    private mutating func run() -> SimulationResult {
        for (number, time) in workload.arrivals().enumerated() { queue.add(.arrival(number), at: time) }
        while let (now, event) = queue.next() {
            switch event {
            case .arrival(let number):
                jobs.append(Job(policy: policy(at: now), arrived: now))
                result.jobs.append(.init(arrived: now, wait: 0, provider: nil, calls: 0))
                board.noteJob(.coaching)
                drive(number, at: now)
            case .end(let number, let attempt): end(number, attempt, at: now)
            case .alarm(let number): if !jobs[number].isDone { drive(number, at: now) }
            }
        }
        for key in keys { result.transitions[key.provider] = board.records[key]?.breaker.transitions ?? 0 }
        return result
    }

    private func policy(at now: Double) -> FailoverPolicy {
        var settings = CoachChain.defaultSettings
        settings.isHedging = true
        return FailoverPolicy(
            candidates: keys.map { .init(key: $0, attemptLimit: .seconds(15)) },
            deadline: instant(now + workload.deadline), settings: settings)
    }

    private mutating func drive(_ number: Int, at now: Double) {
        while true {
            var policy = jobs[number].policy
            let step = policy.next(
                at: instant(now), outlook: board, takeHedge: { board.takeHedge(.coaching) })
            jobs[number].policy = policy
            switch step {
            case .attempt(let attempt):
                if attempt.purpose == .hedge, let late = policy.attemptsUnderway.first(where: \.isMain) {
                    board.suspect(late.key, at: instant(now))
                }
                start(attempt, of: number, at: now)
            case .wait(let until?):
                // Seconds as a fraction are a little off; too early would ask for the same again.
                queue.add(.alarm(number), at: max(time(until), now) + 1e-6)
                return
            case .wait(nil): return
            case .stop:
                finish(number, provider: nil, at: now)
                return
            }
        }
    }

    private mutating func start(_ attempt: FailoverPolicy.Attempt, of number: Int, at now: Double) {
        let provider = workload.providers[attempt.index]
        let isRepeat = [.retry, .enlarged, .repair].contains(attempt.purpose)
        board.begin(attempt.key, isRepeat ? .again : .first, at: instant(now))
        result.jobs[number].calls += 1
        result.calls.append(
            .init(
                provider: provider.name, started: now, isRepeat: isRepeat,
                isExtra: attempt.purpose == .hedge || attempt.purpose == .probe))
        if let closed = closedUntil[provider.name], now < closed { result.callsInsideRetryAfter += 1 }
        if jobs[number].hopeless.contains(provider.name) { result.repeatsOfHopeless += 1 }
        let reply = provider.reply(at: now, patience: time(attempt.deadline) - now, &numbers)
        jobs[number].underway[attempt.id] = Underway(attempt: attempt, reply: reply)
        queue.add(.end(job: number, attempt: attempt.id), at: now + reply.after)
    }

    private mutating func end(_ number: Int, _ id: Int, at now: Double) {
        guard let ended = jobs[number].underway.removeValue(forKey: id) else { return }
        let (attempt, reply) = (ended.attempt, ended.reply)
        let key = attempt.key
        let provider = workload.providers[attempt.index]
        // A probe that outlived its job has been booked already.
        let isLate = jobs[number].isDone
        result.bill += reply.bill
        switch reply.end {
        case .answer:
            let usage = ProviderUsage(
                inputTokens: ModelledProvider.inputTokens, outputTokens: reply.outputTokens)
            board.succeed(
                key, latency: .seconds(now - time(attempt.started)), usage: usage, at: instant(now))
            guard !isLate else { return }
            result.booked += reply.bill
            finish(number, provider: provider.name, at: now)
        case .invalid:
            board.end(key, .invalid, at: instant(now), random: numbers.uniform())
            guard !isLate else { return }
            result.booked += reply.bill
            jobs[number].policy.reject(id, at: instant(now))
            drive(number, at: now)
        case .error(let error):
            if case .rateLimited(let wait?) = error {
                closedUntil[provider.name] = max(closedUntil[provider.name] ?? 0, now + wait / .seconds(1))
            }
            board.end(
                key, .init(error, of: attempt.purpose), isOverload: error.isOverload, at: instant(now),
                random: numbers.uniform())
            guard !isLate else { return }
            if error.mayBeBilled { result.booked += typical(provider, key) }
            if error == .quota || error == .authentication { jobs[number].hopeless.insert(provider.name) }
            jobs[number].policy.fail(id, error, at: instant(now), random: numbers.uniform())
            drive(number, at: now)
        }
    }

    private func typical(_ provider: ModelledProvider, _ key: ProviderKey) -> Double {
        // Before the first answer only the cap is known.
        provider.price(outputTokens: Int(board.records[key]?.meanUnits["output_token"] ?? 1_100))
    }

    private mutating func finish(_ number: Int, provider: String?, at now: Double) {
        jobs[number].isDone = true
        result.jobs[number].wait = now - jobs[number].arrived
        result.jobs[number].provider = provider
        let winner = provider
        for loser in jobs[number].policy.attemptsUnderway {
            guard let ended = jobs[number].underway[loser.id] else { continue }
            result.booked += typical(workload.providers[loser.index], loser.key)
            // It reports when it ends.
            if loser.purpose == .probe, winner != nil { continue }
            result.bill += ended.reply.bill
            jobs[number].underway[loser.id] = nil
            board.end(loser.key, .neutral, at: instant(now), random: numbers.uniform())
        }
    }
}

/// Events in order of time, then of arrival.
struct EventQueue<Event> {
    private var heap: [(time: Double, order: Int, event: Event)] = []
    private var count = 0

    mutating func add(_ event: Event, at time: Double) {
        heap.append((time, count, event))
        count += 1
        var place = heap.count - 1
        while place > 0, isBefore(place, (place - 1) / 2) {
            heap.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    mutating func next() -> (time: Double, event: Event)? {
        guard let first = heap.first else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            var place = 0
            while true {
                var least = place
                for child in [2 * place + 1, 2 * place + 2] where child < heap.count && isBefore(child, least)
                {
                    least = child
                }
                guard least != place else { break }
                heap.swapAt(place, least)
                place = least
            }
        }
        return (first.time, first.event)
    }

    private func isBefore(_ left: Int, _ right: Int) -> Bool {
        (heap[left].time, heap[left].order) < (heap[right].time, heap[right].order)
    }
}
