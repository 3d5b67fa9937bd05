import CLibpq
import Foundation

/// Owns one `PGresult` and frees it exactly once.
///
/// `@unchecked Sendable`: libpq never changes a result after `PQgetResult` has returned it, every
/// access here only reads, and the reference count decides who frees it.
@safe final class ResultStorage: @unchecked Sendable {
    private let raw: OpaquePointer
    let rowCount: Int32
    let columnCount: Int32

    init(taking raw: OpaquePointer) {
        unsafe self.raw = unsafe raw
        rowCount = unsafe PQntuples(raw)
        columnCount = unsafe PQnfields(raw)
    }

    deinit { unsafe PQclear(raw) }

    /// The first column of that exact name.
    func column(named name: String) -> Int32? {
        unsafe name.withCString { wanted in
            for column in 0..<columnCount {
                if let found = unsafe PQfname(raw, column), unsafe strcmp(found, wanted) == 0 {
                    return column
                }
            }
            return nil
        }
    }

    func name(of column: Int32) -> String {
        guard let name = unsafe PQfname(raw, column) else { return "?" }
        return unsafe String(cString: name)
    }

    func typeID(of column: Int32) -> UInt32 { unsafe PQftype(raw, column) }

    /// Points into the result; nil for NULL. Valid as long as this object lives.
    func bytes(row: Int32, column: Int32) -> UnsafeRawBufferPointer? {
        guard unsafe PQgetisnull(raw, row, column) == 0, let start = unsafe PQgetvalue(raw, row, column)
        else {
            return nil
        }
        return unsafe UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(raw, row, column)))
    }

    /// Rows that the command inserted, changed, deleted or returned; 0 for other commands.
    var affectedRows: Int {
        guard let text = unsafe PQcmdTuples(raw) else { return 0 }
        return unsafe Int(String(cString: text)) ?? 0
    }

    /// For example `INSERT 0 1` or `ROLLBACK`.
    var commandTag: String {
        guard let text = unsafe PQcmdStatus(raw) else { return "" }
        return unsafe String(cString: text)
    }
}
