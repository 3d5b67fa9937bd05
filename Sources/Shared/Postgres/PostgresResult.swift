/// What one statement returned: its rows in server order, already in memory.
package struct PostgresResult: Sendable, RandomAccessCollection {
    let storage: ResultStorage

    /// Rows that an `INSERT`, `UPDATE`, `DELETE` or `MERGE` touched, or a `SELECT` returned.
    package var affectedRows: Int { storage.affectedRows }

    /// The result itself; it is a collection of its rows.
    package var rows: PostgresResult { self }

    package var startIndex: Int { 0 }
    package var endIndex: Int { Int(storage.rowCount) }

    package subscript(position: Int) -> PostgresRow {
        precondition(indices.contains(position), "row \(position) of \(count)")
        return PostgresRow(storage: storage, row: Int32(position))
    }

    /// The names of the columns, in order.
    package var columns: [String] { (0..<storage.columnCount).map(storage.name(of:)) }

    /// The only row of a statement that returns exactly one.
    ///
    /// - Throws: ``PostgresError/decoding(_:)`` for none or several.
    package func only() throws(PostgresError) -> PostgresRow {
        guard count == 1 else { throw .decoding("one row expected, \(count) returned") }
        return self[0]
    }
}

/// One row; decoding costs nothing until a column is asked for.
package struct PostgresRow: Sendable {
    let storage: ResultStorage
    let row: Int32

    /// Reads a column by its exact name.
    ///
    /// - Throws: ``PostgresError/decoding(_:)`` when the column is missing, NULL where `T` is not
    ///   optional, or of a type that does not convert without loss.
    package func decode<T: PostgresDecodable>(
        _ column: String, as type: T.Type = T.self
    ) throws(PostgresError) -> T {
        guard let index = storage.column(named: column) else { throw .decoding("no column '\(column)'") }
        return try decode(at: index)
    }

    /// Reads a column by its position, counted from 0.
    package func decode<T: PostgresDecodable>(
        _ column: Int, as type: T.Type = T.self
    ) throws(PostgresError) -> T {
        guard let index = Int32(exactly: column), index >= 0, index < storage.columnCount else {
            throw .decoding("no column \(column) among \(storage.columnCount)")
        }
        return try decode(at: index)
    }

    private func decode<T: PostgresDecodable>(at column: Int32) throws(PostgresError) -> T {
        let cell = unsafe PostgresCell(
            storage: storage, typeID: storage.typeID(of: column),
            bytes: storage.bytes(row: row, column: column))
        do {
            return try T.decode(cell)
        } catch {
            guard case .decoding(let reason) = error else { throw error }
            throw .decoding("column '\(storage.name(of: column))': \(reason)")
        }
    }
}
