package import Observability

extension Settings {
    /// Makes standard error the output of every `Logger`, as the settings ask.
    ///
    /// Call once in a process, before the first logger is made.
    ///
    /// - Parameter role: Named by each line as its `service`.
    /// - Returns: The output, for a last ``LogOutput/flush()``; it also flushes itself at exit.
    @discardableResult
    package func installLogs(for role: Role) -> LogOutput {
        let output = LogOutput.standardError(
            service: role.rawValue, format: log.format,
            redaction: LogRedaction(secrets: secrets.map(\.value)))
        output.install(level: log.level)
        return output
    }
}
