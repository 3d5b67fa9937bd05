import Foundation
package import Logging
import Synchronization

/// What all log handlers of a process share: the role's name, the format, the guard and the sink.
package struct LogOutput: Sendable {
    package let service: String
    let clock: @Sendable () -> Timestamp
    private let format: LogFormat
    private let redaction: LogRedaction
    private let sink: LogSink

    /// - Parameters:
    ///   - service: The role, for example `audio-worker`.
    ///   - format: JSON lines or text.
    ///   - redaction: The guard that each message and value passes.
    ///   - clock: Gives the time of a line.
    ///   - write: Takes whole lines, blocking, one call at a time.
    package init(
        service: String, format: LogFormat, redaction: LogRedaction = LogRedaction(),
        clock: @escaping @Sendable () -> Timestamp = Timestamp.now,
        write: @escaping @Sendable ([UInt8]) -> Void
    ) {
        self.service = service
        self.clock = clock
        self.format = format
        self.redaction = redaction
        sink = LogSink(
            announceGap: { dropped in
                var bytes: [UInt8] = []
                LogLine(
                    time: clock(), level: .warning, service: service, logger: "log",
                    message: "log lines were dropped because their reader stood still",
                    metadata: ["dropped": .stringConvertible(dropped)]
                ).append(as: format, redaction: redaction, to: &bytes)
                return bytes
            },
            write: write)
    }

    /// Lines on standard error.
    package static func standardError(
        service: String, format: LogFormat, redaction: LogRedaction = LogRedaction()
    ) -> LogOutput {
        LogOutput(service: service, format: format, redaction: redaction) { bytes in
            LogSink.writeAll(bytes, to: STDERR_FILENO)
        }
    }

    /// Waits until the lines written so far have left the process, at most two seconds.
    package func flush() { sink.flush() }

    func write(_ line: LogLine) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256)
        line.append(as: format, redaction: redaction, to: &bytes)
        sink.append(bytes)
        // The next thing after a critical line is often the end of the process.
        if line.level == .critical { sink.flush() }
    }
}

extension LogOutput {
    /// Makes this the output of every `Logger` in the process, and flushes it at exit.
    ///
    /// Call once, before the first logger is made; swift-log allows no second time.
    ///
    /// - Parameter level: The lowest level written.
    package func install(level: Logger.Level) {
        LoggingSystem.bootstrap(
            { label, provider in
                CoachLogHandler(label: label, output: self, level: level, metadataProvider: provider)
            }, metadataProvider: NoteContext.metadataProvider)
        InstalledOutput.current.withLock { $0 = self }
        atexit { InstalledOutput.current.withLock { $0 }?.flush() }
    }
}
