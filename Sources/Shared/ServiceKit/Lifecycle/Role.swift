/// What a process of the one binary does; the name is its subcommand.
package enum Role: String, Sendable, CaseIterable {
    case demo, up, webhook
    case audioWorker = "audio-worker"
    case feedbackWorker = "feedback-worker"
    case migrate, analyze, prepare, jobs, providers, telegram, doctor, healthcheck
}
