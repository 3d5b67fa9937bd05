import Failpoints
import Testing

struct FailpointTests {
    @Test func `a plan names places, actions and crossings`() throws {
        let plan = try FailpointPlan(
            "queue.after-claim=kill@2;deliver.after-edit=delay:250;webhook.before-commit=error")
        #expect(
            plan.strikes == [
                .queueAfterClaim: [.init(action: .kill, crossing: 2)],
                .deliverAfterEdit: [.init(action: .delay(.milliseconds(250)), crossing: nil)],
                .webhookBeforeCommit: [.init(action: .error, crossing: nil)],
            ])
        #expect(plan.next(.queueAfterClaim) == nil && plan.next(.queueAfterClaim) == .kill)
        #expect(plan.next(.queueAfterClaim) == nil)
        #expect(plan.next(.deliverAfterEdit) != nil && plan.next(.deliverAfterEdit) != nil)
        #expect(plan.next(.sweepAfterRescue) == nil)
    }

    @Test(arguments: [
        "nowhere=kill", "queue.after-claim", "queue.after-claim=", "queue.after-claim=explode",
        "queue.after-claim=kill@0", "queue.after-claim=kill@x", "queue.after-claim=delay",
        "queue.after-claim=delay:-1", "=kill",
    ])
    func `a plan that cannot be read is refused`(text: String) {
        #expect(throws: FailpointPlan.Unreadable(entry: text)) { _ = try FailpointPlan(text) }
    }

    @Test func `without a plan nothing happens`() async throws {
        for place in Failpoint.allCases { try await place.strike() }
    }
}
