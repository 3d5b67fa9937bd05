import ServiceLifecycle

/// The runners of one process as one service, so that a stopping process stops them all at the same moment.
///
/// Services of a group stop one after the other: the grace of the second runner would begin when that of the
/// first is over, and it would go on claiming meanwhile.
package struct JobRunners: Service {
    private let runners: [JobRunner]

    package init(_ runners: [JobRunner]) { self.runners = runners }

    package func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for runner in runners { group.addTask { try await runner.run() } }
            try await group.waitForAll()
        }
    }
}
