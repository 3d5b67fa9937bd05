import Glibc

/// What one run of a program cost.
struct Cost {
    var wall: Double
    var processor: Double
    var peakBytes: Int
}

/// Programs run one at a time, with the kernel's own account of them.
enum Child {
    struct Failed: Error {
        var program: String
        var status: Int32
    }

    /// Runs to the end, with output thrown away.
    static func run(_ arguments: [String]) throws -> Cost {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for descriptor: Int32 in [0, 1, 2] {
            posix_spawn_file_actions_addopen(
                &actions, descriptor, "/dev/null", descriptor == 0 ? O_RDONLY : O_WRONLY, 0)
        }
        var argv: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { argv.forEach { free($0) } }
        var pid: pid_t = 0
        let start = ContinuousClock.now
        let status = posix_spawnp(&pid, arguments[0], &actions, nil, &argv, environ)
        guard status == 0 else { throw Failed(program: arguments[0], status: status) }
        var outcome: Int32 = 0
        var usage = rusage()
        guard wait4(pid, &outcome, 0, &usage) == pid, outcome == 0 else {
            throw Failed(program: arguments[0], status: outcome)
        }
        let wall = (ContinuousClock.now - start).seconds
        let user = Double(usage.ru_utime.tv_sec) + Double(usage.ru_utime.tv_usec) / 1e6
        let system = Double(usage.ru_stime.tv_sec) + Double(usage.ru_stime.tv_usec) / 1e6
        return Cost(wall: wall, processor: user + system, peakBytes: Int(usage.ru_maxrss) << 10)
    }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}

func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    return sorted.isEmpty ? .nan : sorted[sorted.count / 2]
}
