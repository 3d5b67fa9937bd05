import Synchronization
import Testing

@testable import ServiceKit

@Suite struct HealthRegistryTests {
    /// A dependency that a test can break, hang and count.
    final class Dependency: Sendable {
        private struct State {
            var asked = 0
            var isDown = false
            var isHanging = false
            var hanging: [CheckedContinuation<Void, Never>] = []
        }
        enum Failure: Error { case refused(code: Int, body: String) }
        private let state = Mutex(State())

        var asked: Int { state.withLock(\.asked) }
        func set(down: Bool) { state.withLock { $0.isDown = down } }
        func hang() { state.withLock { $0.isHanging = true } }
        func release() {
            let waiting = state.withLock { state in
                state.isHanging = false
                defer { state.hanging = [] }
                return state.hanging
            }
            for continuation in waiting { continuation.resume() }
        }

        func check(_ name: String, isRequired: Bool = true) -> HealthCheck {
            HealthCheck(name, isRequired: isRequired) { try await self.probe() }
        }

        private func probe() async throws {
            await withCheckedContinuation { continuation in
                let goesOn = state.withLock { state in
                    state.asked += 1
                    if state.isHanging { state.hanging.append(continuation) }
                    return !state.isHanging
                }
                if goesOn { continuation.resume() }
            }
            if state.withLock(\.isDown) { throw Failure.refused(code: 7, body: "private") }
        }
    }

    /// A clock that stands until it is moved.
    final class StoppedClock: Sendable {
        private let instant = Mutex(ContinuousClock.now)
        @Sendable func now() -> ContinuousClock.Instant { instant.withLock { $0 } }
        func advance(by duration: Duration) { instant.withLock { $0 = $0 + duration } }
    }

    @Test func `everything up is ready`() async {
        let report = await HealthRegistry([Dependency().check("postgres"), Dependency().check("redis")])
            .report()
        #expect(report.status == .ready)
        #expect(report.isReady)
        #expect(report.dependencies["postgres"] == .init(status: .up, reason: nil, required: true))
    }

    @Test func `a role without dependencies is ready`() async {
        #expect(await HealthRegistry([]).report() == HealthReport(status: .ready, dependencies: [:]))
    }

    @Test func `a required dependency that is down makes the role unavailable, another one degraded`() async {
        let down = Dependency()
        down.set(down: true)
        let reason = "Failure.refused(code: 7)"
        let required = await HealthRegistry([Dependency().check("postgres"), down.check("redis")]).report()
        #expect(required.status == .unavailable && !required.isReady)
        #expect(required.dependencies["redis"] == .init(status: .down, reason: reason, required: true))
        #expect(required.dependencies["postgres"]?.status == .up)
        let optional = await HealthRegistry([Dependency().check("a"), down.check("b", isRequired: false)])
            .report()
        #expect(optional.status == .degraded && optional.isReady)
        #expect(optional.dependencies["b"] == .init(status: .down, reason: reason, required: false))
        let both = await HealthRegistry([down.check("a", isRequired: false), down.check("b")]).report()
        #expect(both.status == .unavailable)
    }

    @Test func `an answer is repeated while fresh and asked for again when stale`() async {
        let dependency = Dependency()
        let clock = StoppedClock()
        let registry = HealthRegistry([dependency.check("a")], freshness: .seconds(1), now: clock.now)
        #expect(await registry.report().isReady)
        dependency.set(down: true)
        clock.advance(by: .milliseconds(999))
        #expect(await registry.report().isReady)
        #expect(dependency.asked == 1)
        clock.advance(by: .milliseconds(1))
        #expect(await !registry.report().isReady)
        dependency.set(down: false)
        clock.advance(by: .seconds(1))
        #expect(await registry.report().isReady)
        #expect(dependency.asked == 3)
    }

    @Test func `requests at the same time share one question`() async {
        let dependency = Dependency()
        dependency.hang()
        let registry = HealthRegistry(
            [dependency.check("a")], deadline: .seconds(600), freshness: .seconds(600))
        await withTaskGroup(of: HealthReport.self) { group in
            for _ in 0..<20 { group.addTask { await registry.report() } }
            while dependency.asked == 0 { await Task.yield() }
            dependency.release()
            for await report in group { #expect(report.isReady) }
        }
        #expect(dependency.asked == 1)
    }

    @Test func `a hung dependency is down after the deadline, is asked once, and recovers`() async {
        let hung = Dependency()
        hung.hang()
        let healthy = Dependency()
        let registry = HealthRegistry(
            [hung.check("hung"), healthy.check("healthy")], deadline: .milliseconds(10), freshness: .zero)
        for _ in 0..<3 {
            let report = await registry.report()
            #expect(report.status == .unavailable)
            #expect(report.dependencies["hung"]?.reason == "no answer within 0.01 seconds")
            #expect(report.dependencies["healthy"]?.status == .up)
        }
        #expect(hung.asked == 1)
        #expect(healthy.asked == 3)
        hung.release()
        while await !registry.report().isReady { await Task.yield() }
    }

    @Test func `a draining role is not ready whatever its dependencies say`() async {
        let registry = HealthRegistry([Dependency().check("a")])
        await registry.drain()
        let report = await registry.report()
        #expect(report.status == .draining && !report.isReady)
        #expect(report.dependencies["a"]?.status == .up)
    }
}
