/// Why a private server could not be started. Each message says what to do about it.
package enum EmbeddedStackError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A program is not on this machine; `mend` is the command that brings it.
    case missingProgram(name: String, mend: String)
    /// A directory cannot be made, read or handed to the server's account.
    case unusableDirectory(path: String, reason: String)
    /// Another living process owns the data directory; its servers are left alone.
    case inUse(directory: String, byProcess: Int32?)
    /// The server is too old, or the data was written by a release that is not installed.
    case wrongVersion(server: String, found: String, needed: String)
    /// The operating system refused to start the process.
    case launchFailed(program: String, errno: Int32)
    /// The server ended or stayed silent instead of becoming ready; `log` holds its last complaints.
    case startFailed(server: String, reason: String, log: String)

    /// Whether the same call can succeed later without anyone mending anything.
    package var isTransient: Bool {
        switch self {
        case .inUse: true
        case .missingProgram, .unusableDirectory, .wrongVersion, .launchFailed, .startFailed: false
        }
    }

    package var description: String {
        switch self {
        case .missingProgram(let name, let mend):
            "\(name) was not found. Install it with: \(mend)"
        case .unusableDirectory(let path, let reason):
            "the directory \(path) cannot be used: \(reason)"
        case .inUse(let directory, let process):
            "the directory \(directory) belongs to a running process"
                + (process.map { " (pid \($0))" } ?? "")
                + ". Stop that one, or choose another directory with SPEECHCOACH_DATA"
        case .wrongVersion(let server, let found, let needed):
            "\(server) \(found) cannot be used: \(needed)"
        case .launchFailed(let program, let code):
            "\(program) could not be started (errno \(code))"
        case .startFailed(let server, let reason, let log):
            "\(server) did not start: \(reason)" + (log.isEmpty ? "" : "\n\(log)")
        }
    }
}
