/// One deployment for all scenarios that disturb nothing; each uses chats of its own.
actor SharedDeployment {
    private static let shared = SharedDeployment()

    private var starting: Task<Deployment, any Error>?

    /// Longer notes than this are refused there.
    static let maximumSeconds = 20

    static func use(_ scenario: (Deployment) async throws -> Void) async throws {
        let coach = try await shared.deployment()
        try await scenario(coach)
        for process in coach.processes { process.checkLog() }
    }

    private func deployment() async throws -> Deployment {
        if let starting { return try await starting.value }
        let start = Task {
            try await Deployment.start(
                Deployment.Plan(settings: ["MAX_AUDIO_SECONDS": "\(Self.maximumSeconds)"]))
        }
        starting = start
        return try await start.value
    }
}
