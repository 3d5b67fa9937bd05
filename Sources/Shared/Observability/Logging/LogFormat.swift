/// How a log line is written; the setting `LOG_FORMAT`.
package enum LogFormat: String, CaseIterable, Sendable {
    /// One JSON object a line, for machines.
    case json
    /// One short human-readable line, for a terminal.
    case text
}
