import CoachDomain
import Foundation
import Testing

struct JobLifeCycleTests {
    let policy = RetryPolicy()

    private func after(
        _ event: JobEvent, from job: JobLifeCycle, age: Duration = .zero, random: Double = 0.5
    ) throws -> (job: JobLifeCycle, delay: Duration) {
        var job = job
        let outcome = try job.apply(event, age: age, policy: policy, random: random)
        return (job, outcome.delay)
    }

    @Test func `an attempt is spent when a job is claimed`() throws {
        let claimed = try after(.claimed, from: JobLifeCycle()).job
        #expect(claimed == JobLifeCycle(state: .leased, attempts: 1))
    }

    @Test func `handing back costs nothing`() throws {
        let job = JobLifeCycle(state: .leased, attempts: 3, crashes: 1)
        #expect(try after(.handedBack, from: job).job == JobLifeCycle(state: .ready, attempts: 2, crashes: 1))
    }

    @Test func `a transient failure waits, longer each time`() throws {
        let failure = JobEvent.failed(JobFailure(.transient, code: "x", detail: ""))
        let first = try after(failure, from: JobLifeCycle(state: .leased, attempts: 1), random: 0.999)
        let fourth = try after(failure, from: JobLifeCycle(state: .leased, attempts: 4), random: 0.999)
        #expect(first.job.state == .retrying && first.delay <= .seconds(1))
        #expect(fourth.delay > .seconds(7) && fourth.delay <= .seconds(8))
    }

    @Test func `a throttled attempt is not counted and waits what the server asked`() throws {
        let failure = JobEvent.failed(JobFailure(.throttled(retryAfter: .seconds(17)), code: "x", detail: ""))
        let (job, delay) = try after(failure, from: JobLifeCycle(state: .leased, attempts: 2))
        #expect(job == JobLifeCycle(state: .retrying, attempts: 1) && delay == .seconds(17))
    }

    @Test func `a permanent failure is the end`() throws {
        let failure = JobEvent.failed(JobFailure(.permanent, code: "x", detail: ""))
        #expect(try after(failure, from: JobLifeCycle(state: .leased, attempts: 1)).job.state == .dead)
    }

    @Test func `a job that has failed for a day is given up`() throws {
        let failure = JobEvent.failed(JobFailure(.transient, code: "x", detail: ""))
        let job = JobLifeCycle(state: .leased, attempts: 40)
        #expect(try after(failure, from: job, age: .seconds(86_399)).job.state == .retrying)
        #expect(try after(failure, from: job, age: .seconds(86_400)).job.state == .dead)
    }

    @Test func `the third worker death on one job makes it dead`() throws {
        let twice = JobLifeCycle(state: .leased, attempts: 2, crashes: 1)
        #expect(try after(.leaseExpired, from: twice).job.state == .ready)
        let thrice = JobLifeCycle(state: .leased, attempts: 3, crashes: 2)
        #expect(try after(.leaseExpired, from: thrice).job.state == .dead)
    }

    @Test func `an operator revives the dead with fresh counters, and nothing that runs or is done`() throws {
        let dead = JobLifeCycle(state: .dead, attempts: 9, crashes: 3)
        #expect(try after(.retriedByOperator, from: dead).job == JobLifeCycle())
        for state in [JobState.ready, .leased, .succeeded, .cancelled] {
            #expect(throws: IllegalTransition.self) {
                try after(.retriedByOperator, from: JobLifeCycle(state: state))
            }
        }
    }

    @Test func `nothing leads out of success or cancellation`() {
        let exits = JobLifeCycle.edges.filter { $0.from == .succeeded || $0.from == .cancelled }
        #expect(exits.isEmpty)
    }

    @Test func `every state can be reached and every open state can be left`() {
        let edges = JobLifeCycle.edges
        for state in JobState.allCases where state != .ready {
            #expect(edges.contains { $0.to == state })
        }
        for state in JobState.allCases where !state.isTerminal {
            #expect(edges.contains { $0.from == state })
        }
    }

    @Test func `the drawing in the documentation shows exactly these transitions`() throws {
        let page = try String(contentsOf: repositoryFile("docs/job-states.md"), encoding: .utf8)
        let drawn = page.split(separator: "\n").compactMap { line -> JobLifeCycle.Edge? in
            let parts = line.split(whereSeparator: { $0 == " " || $0 == ":" }).map(String.init)
            guard parts.count == 4, parts[1] == "-->", let from = JobState(rawValue: parts[0]),
                let to = JobState(rawValue: parts[2])
            else { return nil }
            return JobLifeCycle.Edge(from: from, event: parts[3], to: to)
        }
        #expect(Set(drawn) == JobLifeCycle.edges)
        #expect(drawn.count == Set(drawn).count)
    }
}

/// A file of the repository, found from this source file.
func repositoryFile(_ path: String, from file: String = #filePath) -> URL {
    URL(fileURLWithPath: file).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent(path)
}
