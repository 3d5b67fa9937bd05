import Foundation

/// Reading and signalling processes that are not our children.
enum RunningProcess {
    /// Whether the process exists and has not ended; a zombie that nobody reaps has ended.
    static func isAlive(_ pid: pid_t) -> Bool {
        guard let fields = statusFields(pid) else { return false }
        return fields.state != "Z" && fields.state != "X"
    }

    /// The server that another run left behind, found by its process id file.
    ///
    /// - Parameter mark: a part of the server's command line; after a restart of the machine the same
    ///   id may belong to anything.
    static func leftBehind(pidFile: String, mark: String) -> pid_t? {
        guard let text = try? String(contentsOfFile: pidFile, encoding: .utf8),
            let pid = text.split(separator: "\n").first.flatMap({
                pid_t($0.trimmingCharacters(in: .whitespaces))
            }),
            pid > 1, isAlive(pid),
            let commandLine = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline"),
            String(decoding: commandLine, as: UTF8.self).contains(mark)
        else { return nil }
        return pid
    }

    /// Ends a left-behind server: politely, then by force. Returns when it is gone.
    static func end(_ pid: pid_t, politely signal: Int32) async {
        let clock = ContinuousClock()
        let start = clock.now
        var sent = false
        // It may be stopping already, told by its owner's death: a second request would hurt nothing.
        while isAlive(pid) {
            if !sent {
                kill(pid, signal)
                sent = true
            } else if clock.now - start > .seconds(15) {
                for member in [pid] + descendants(of: pid) { kill(member, SIGKILL) }
            }
            await Pause.uninterrupted(.milliseconds(20))
            if clock.now - start > .seconds(20) { return }
        }
    }

    /// The children of a process, and theirs.
    static func descendants(of pid: pid_t) -> [pid_t] {
        let everyone = ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [])
            .compactMap { pid_t($0) }
        var childrenOf: [pid_t: [pid_t]] = [:]
        for other in everyone {
            if let parent = statusFields(other)?.parent { childrenOf[parent, default: []].append(other) }
        }
        var found: [pid_t] = []
        var open = [pid]
        while let next = open.popLast() {
            let children = childrenOf[next] ?? []
            found += children
            open += children
        }
        return found
    }

    private static func statusFields(_ pid: pid_t) -> (state: String, parent: pid_t)? {
        guard let data = FileManager.default.contents(atPath: "/proc/\(pid)/stat") else { return nil }
        // The name in parentheses may hold spaces and parentheses itself.
        let text = String(decoding: data, as: UTF8.self)
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 1, let parent = pid_t(fields[1]) else { return nil }
        return (String(fields[0]), parent)
    }
}
