import Foundation

/// The process's own resource use, by the names that Prometheus' client libraries share.
package enum ProcessMetrics {
    /// Exposes CPU time, memory, descriptors and start time, read anew at each scrape from Linux' `/proc`.
    ///
    /// What cannot be read, as on a platform without `/proc`, is left out.
    ///
    /// - Parameter version: The build, exposed beside them as `speechcoach_build_info`.
    package static func install(in registry: MetricsRegistry, version: String) {
        registry.gauge(MetricsCatalogue.buildInfo, BuildVersion(version)).set(1)
        registry.addCollector { registry in
            if let stat = ProcessStat.current() {
                registry.counter(MetricsCatalogue.processCPU).replace(total: stat.cpuSeconds)
                if let boot = bootTime() {
                    registry.gauge(MetricsCatalogue.processStartTime).set(boot + stat.startSecondsAfterBoot)
                }
            }
            if let bytes = residentBytes() {
                registry.gauge(MetricsCatalogue.processResidentMemory).set(bytes)
            }
            if let count = openFiles() { registry.gauge(MetricsCatalogue.processOpenFiles).set(count) }
            if let count = maxFiles() { registry.gauge(MetricsCatalogue.processMaxFiles).set(count) }
        }
    }

    private static func residentBytes() -> Double? {
        guard let fields = read("/proc/self/statm")?.split(separator: " "), fields.count > 1,
            let pages = Double(fields[1])
        else { return nil }
        return pages * Double(sysconf(Int32(_SC_PAGESIZE)))
    }

    private static func openFiles() -> Double? {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") else {
            return nil
        }
        // The listing itself holds one descriptor open.
        return Double(max(0, names.count - 1))
    }

    private static func maxFiles() -> Double? {
        let line = read("/proc/self/limits")?.split(separator: "\n").first { $0.hasPrefix("Max open files") }
        return line?.split(separator: " ").dropFirst(3).first.flatMap { Double($0) }
    }

    private static func bootTime() -> Double? {
        let line = read("/proc/stat")?.split(separator: "\n").first { $0.hasPrefix("btime ") }
        return line.flatMap { Double($0.dropFirst("btime ".count)) }
    }

    fileprivate static func read(_ path: String) -> String? {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
    }
}

/// What `/proc/self/stat` tells; the field numbers are those of proc(5).
struct ProcessStat: Equatable {
    /// User plus system time, fields 14 and 15.
    var cpuSeconds: Double
    /// Field 22.
    var startSecondsAfterBoot: Double

    static func current() -> ProcessStat? {
        ProcessMetrics.read("/proc/self/stat").flatMap {
            ProcessStat($0, ticksPerSecond: Double(sysconf(Int32(_SC_CLK_TCK))))
        }
    }

    init?(_ text: String, ticksPerSecond: Double) {
        // The command name, field 2, may hold spaces and parentheses: count from its end.
        guard let nameEnd = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: nameEnd)...].split(separator: " ").map { Double($0) }
        guard fields.count > 19, let user = fields[11], let system = fields[12], let start = fields[19] else {
            return nil
        }
        cpuSeconds = (user + system) / ticksPerSecond
        startSecondsAfterBoot = start / ticksPerSecond
    }
}
