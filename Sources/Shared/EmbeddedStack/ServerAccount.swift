import Foundation

/// The account a server runs under.
struct ServerAccount: Sendable, Equatable {
    let userIdentifier: uid_t
    let groupIdentifier: gid_t
    /// Absent for the account we run under ourselves.
    private let privileges: [String]

    /// What `setpriv` needs to become this account; nothing when we are it already.
    var privilegeArguments: [String] { privileges }
    var isCurrent: Bool { privileges.isEmpty }

    /// The account of this process.
    static var current: ServerAccount {
        ServerAccount(userIdentifier: geteuid(), groupIdentifier: getegid(), privileges: [])
    }

    /// The account for PostgreSQL, which refuses to run as root.
    ///
    /// - Parameter existingData: a data directory; when root finds one that an ordinary user made, the
    ///   server keeps running as that user.
    static func forPostgres(existingData: String) throws(EmbeddedStackError) -> ServerAccount {
        guard geteuid() == 0 else { return .current }
        var status = stat()
        if stat(existingData, &status) == 0, status.st_uid != 0 {
            return other(userIdentifier: status.st_uid, groupIdentifier: status.st_gid)
        }
        guard let entry = getpwnam("postgres") else {
            throw .missingProgram(
                name: "The system account postgres (PostgreSQL refuses to run as root)",
                mend: "apt-get install postgresql")
        }
        return other(userIdentifier: entry.pointee.pw_uid, groupIdentifier: entry.pointee.pw_gid)
    }

    private static func other(userIdentifier: uid_t, groupIdentifier: gid_t) -> ServerAccount {
        let groups = getpwuid(userIdentifier) == nil ? "--clear-groups" : "--init-groups"
        return ServerAccount(
            userIdentifier: userIdentifier, groupIdentifier: groupIdentifier,
            privileges: ["--reuid=\(userIdentifier)", "--regid=\(groupIdentifier)", groups])
    }

    /// Whether this account can pass through `directory` to something below it.
    ///
    /// Reads mode bits only, so an access control list that grants more is not seen; the answer then
    /// errs towards another directory.
    func canTraverse(_ directory: String) -> Bool {
        if isCurrent { return access(directory, X_OK) == 0 }
        var path = URL(filePath: directory).resolvingSymlinksInPath().path
        while true {
            var status = stat()
            guard stat(path, &status) == 0 else { return false }
            let bit: mode_t =
                status.st_uid == userIdentifier
                ? S_IXUSR : status.st_gid == groupIdentifier ? S_IXGRP : S_IXOTH
            if status.st_mode & bit == 0 { return false }
            if path == "/" { return true }
            path = URL(filePath: path).deletingLastPathComponent().path
        }
    }
}
