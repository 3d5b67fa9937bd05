import CoachDomain
import Testing

struct RetryPolicyTests {
    let policy = RetryPolicy()

    @Test func `waits stay under a minute while the job is young`() throws {
        for attempts in 1...200 {
            let delay = try #require(policy.delay(attempts: attempts, age: .seconds(300), random: 0.999_999))
            #expect(delay <= .seconds(60))
        }
    }

    @Test func `waits spread over a quarter of an hour once ten minutes are over`() throws {
        let delay = try #require(policy.delay(attempts: 12, age: .seconds(600), random: 0.999))
        #expect(delay > .seconds(890) && delay <= .seconds(900))
    }

    @Test func `no wait is so short that a loop could spin`() throws {
        #expect(try #require(policy.delay(attempts: 1, age: .zero, random: 0)) >= .milliseconds(250))
    }

    @Test func `the last wait ends at the age of giving up`() throws {
        let delay = try #require(policy.delay(attempts: 90, age: .seconds(86_390), random: 0.9))
        #expect(delay <= .seconds(10))
    }

    @Test(arguments: [(0, 1), (1, 1), (90, 90), (100_000, 3_600)])
    func `a server's wait is kept between a second and an hour`(asked: Int, waited: Int) {
        #expect(policy.throttleDelay(.seconds(asked)) == .seconds(waited))
    }

    @Test func `a job is tried often enough in its day to outlive an outage`() {
        var age = Duration.zero
        var attempts = 0
        while let delay = policy.delay(attempts: attempts + 1, age: age, random: 0.5) {
            attempts += 1
            age += delay + .milliseconds(100)
        }
        #expect(attempts > 150 && attempts < 400)
    }
}
