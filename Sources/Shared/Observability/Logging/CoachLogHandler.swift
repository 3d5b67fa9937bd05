package import Logging

/// Writes each record as one JSON or text line; the handler behind every `Logger` of the product.
///
/// Metadata is merged from the handler, the provider (``NoteContext``) and the call, later ones winning.
/// A logger whose metadata has `service` speaks for that role, so that roles that share a process can be
/// told apart.
package struct CoachLogHandler: LogHandler {
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    package var logLevel: Logger.Level

    private let label: String
    private let output: LogOutput

    /// - Parameters:
    ///   - label: The logger's label, shown as `logger`.
    ///   - output: Where lines go and how they look.
    ///   - level: The lowest level written.
    ///   - metadataProvider: Asked at each line, on the task that logs.
    package init(
        label: String, output: LogOutput, level: Logger.Level,
        metadataProvider: Logger.MetadataProvider? = NoteContext.metadataProvider
    ) {
        self.label = label
        self.output = output
        self.logLevel = level
        self.metadataProvider = metadataProvider
    }

    package subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var merged = metadata
        if let provided = metadataProvider?.get(), !provided.isEmpty {
            merged.merge(provided) { _, provided in provided }
        }
        if let own = event.metadata {
            merged.merge(own) { _, own in own }
        }
        let service = merged.removeValue(forKey: "service")?.description
        output.write(
            LogLine(
                time: output.clock(), level: event.level, service: service ?? output.service, logger: label,
                message: event.message.description, metadata: merged,
                error: event.error.map(SafeErrorDescription.of)))
    }
}
