import Foundation

/// The directory a private server lives in: `data/`, `run/`, `server.log` and the claim on it.
struct ServerDirectory: Sendable {
    let path: String
    /// Worth telling the operator: the directory is not where it was asked for.
    let note: String?

    var data: String { "\(path)/data" }
    var log: String { "\(path)/server.log" }

    /// Makes the directory, private to `account`.
    ///
    /// When the account cannot reach the place (root's home, a home closed to others), a directory
    /// under `/var/lib` or the temporary directory takes its place, named after the wanted one, so that
    /// the next start finds the same data.
    static func prepare(
        wanted: URL, account: ServerAccount
    ) throws(EmbeddedStackError) -> ServerDirectory {
        let wanted = wanted.standardizedFileURL.path
        if account.canTraverse(nearestExisting(wanted)) {
            try refuseForeignContent(of: wanted)
            try makePrivate(wanted, account: account)
            return ServerDirectory(path: wanted, note: nil)
        }
        let name = "speechcoach-\(Fingerprint.of(wanted))"
        let bases = ["/var/lib", ShortTemporaryDirectory.path]
        for base in bases where access(base, W_OK) == 0 && account.canTraverse(base) {
            let substitute = "\(base)/\(name)"
            try makePrivate(substitute, account: account)
            return ServerDirectory(
                path: substitute,
                note: "the server's account cannot reach \(wanted); its data is kept in \(substitute)")
        }
        throw .unusableDirectory(
            path: wanted,
            reason: "the server's account cannot reach it, and neither /var/lib nor /tmp is writable")
    }

    /// The directory will be closed to everybody else, which must not happen to `/tmp` or to a home.
    private static func refuseForeignContent(of path: String) throws(EmbeddedStackError) {
        let content = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        guard content.isEmpty || content.contains(DirectoryClaim.fileName) else {
            throw .unusableDirectory(
                path: path, reason: "it holds other files; choose an empty or a new directory")
        }
    }

    private static func nearestExisting(_ path: String) -> String {
        var url = URL(filePath: path)
        while !FileManager.default.fileExists(atPath: url.path), url.path != "/" {
            url.deleteLastPathComponent()
        }
        return url.path
    }

    static func makePrivate(_ path: String, account: ServerAccount) throws(EmbeddedStackError) {
        let parent = URL(filePath: path).deletingLastPathComponent().path
        if !FileManager.default.fileExists(atPath: parent) {
            // As root, servers of two accounts pass through the same parents.
            try makeParents(parent, mode: geteuid() == 0 ? 0o711 : 0o700)
        }
        if mkdir(path, 0o700) != 0, errno != EEXIST {
            throw .unusableDirectory(path: path, reason: String(cString: strerror(errno)))
        }
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw .unusableDirectory(path: path, reason: "it is not a directory")
        }
        guard status.st_uid == geteuid() || status.st_uid == account.userIdentifier else {
            throw .unusableDirectory(
                path: path,
                reason: "it belongs to another account (uid \(status.st_uid)); choose another directory")
        }
        if chmod(path, 0o700) != 0
            || !account.isCurrent && lchown(path, account.userIdentifier, account.groupIdentifier) != 0
        {
            throw .unusableDirectory(path: path, reason: String(cString: strerror(errno)))
        }
    }

    private static func makeParents(_ path: String, mode: mode_t) throws(EmbeddedStackError) {
        let parent = URL(filePath: path).deletingLastPathComponent().path
        if parent != path, !FileManager.default.fileExists(atPath: parent) {
            try makeParents(parent, mode: mode)
        }
        if mkdir(path, mode) != 0, errno != EEXIST {
            throw .unusableDirectory(path: path, reason: String(cString: strerror(errno)))
        }
        chmod(path, mode)
    }

    /// A directory for sockets: `run/` where its path is short enough, otherwise a short one elsewhere.
    ///
    /// A unix socket's path holds at most 107 bytes; PostgreSQL adds `.lock` to it for its lock file. And
    /// libpq takes a comma in a host, which is what the directory is to it, for the end of that host.
    var sockets: String {
        let wanted = "\(path)/run"
        let longestName = "/.s.PGSQL.65535.lock"
        if wanted.utf8.count + longestName.utf8.count <= 107, !wanted.contains(",") { return wanted }
        return "\(ShortTemporaryDirectory.path)/speechcoach-\(Fingerprint.of(path))-run"
    }

    /// Removes a socket directory outside of this one.
    func removeDistantSockets() {
        if !sockets.hasPrefix(path) { try? FileManager.default.removeItem(atPath: sockets) }
    }

    /// Keeps the log from growing over many starts.
    func trimLog() {
        var status = stat()
        if stat(log, &status) == 0, status.st_size > 16 << 20 { truncate(log, 0) }
    }

    var logSize: UInt64 {
        var status = stat()
        return stat(log, &status) == 0 ? UInt64(status.st_size) : 0
    }

    /// The server's last lines since the log had `start` bytes, for an error message.
    func complaints(since start: UInt64) -> String {
        guard let file = FileHandle(forReadingAtPath: log) else { return "" }
        defer { try? file.close() }
        let end = (try? file.seekToEnd()) ?? 0
        try? file.seek(toOffset: max(start, end > 8192 ? end - 8192 : 0))
        let text = String(decoding: (try? file.readToEnd()) ?? Data(), as: UTF8.self)
        return text.split(separator: "\n").suffix(6).joined(separator: "\n")
    }
}

/// A temporary directory whose name leaves room for a socket's.
enum ShortTemporaryDirectory {
    static var path: String {
        let chosen = ProcessInfo.processInfo.environment["TMPDIR"] ?? ""
        return chosen.hasPrefix("/") && chosen.utf8.count <= 40 && access(chosen, W_OK) == 0 ? chosen : "/tmp"
    }
}

/// A short stable name for a path (64-bit FNV-1a); not a secret, not a checksum.
enum Fingerprint {
    static func of(_ text: String) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        return String(hash, radix: 36)
    }
}
