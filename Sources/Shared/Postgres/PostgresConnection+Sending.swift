import CLibpq
import Foundation

extension PostgresConnection {
    /// Starts with the statements that this connection does not know yet, if there are any.
    func prepareOrExecute() -> Progress {
        guard var current = exchange else { return lost() }
        var seen: Set<String> = []
        for statement in current.statements
        where !cache.contains(statement.sql) && seen.insert(statement.sql).inserted {
            guard !statement.sql.utf8.contains(0) else {
                return finish(.failure(.encoding("SQL contains a NUL")))
            }
            current.missing.append((sql: statement.sql, name: cache.newName()))
        }
        guard !current.missing.isEmpty else { return sendStatements() }
        let evicted = cache.makeRoom(
            for: current.missing.count, keeping: Set(current.statements.lazy.map(\.sql)))
        current.stage = .preparing
        exchange = current
        for name in evicted {
            guard send(control: "DEALLOCATE \(name)") else { return lost() }
        }
        for (index, statement) in current.missing.enumerated() {
            guard unsafe PQsendPrepare(handle.raw, statement.name, statement.sql, 0, nil) == 1,
                unsafe PQsendDescribePrepared(handle.raw, statement.name) == 1
            else { return lost() }
            exchange?.steps.append(.prepare)
            exchange?.steps.append(.describe(index))
        }
        return sendSync()
    }

    /// Sends every statement of the batch with its parameters.
    func sendStatements() -> Progress {
        guard var current = exchange else { return lost() }
        var prepared: [StatementCache.Prepared] = []
        prepared.reserveCapacity(current.statements.count)
        parameters.removeAll()
        do {
            for statement in current.statements {
                prepared.append(try encode(statement))
            }
        } catch {
            return finish(.failure(error))
        }
        current.stage = .executing
        current.steps.removeAll(keepingCapacity: true)
        current.next = 0
        current.nothingAtSync = 0
        current.results.reserveCapacity(current.statements.count)
        exchange = current
        if let control = current.control, !send(control: control) { return lost() }
        var first = 0
        for statement in prepared {
            guard send(statement, firstEntry: first) else { return lost() }
            first += statement.parameterTypes.count
        }
        return sendSync()
    }

    private func encode(
        _ statement: PostgresStatement
    ) throws(PostgresError) -> StatementCache.Prepared {
        guard let prepared = cache.find(statement.sql) else {
            throw .encoding("the statement was not prepared")
        }
        let types = prepared.parameterTypes
        guard types.count == statement.parameters.count else {
            throw .encoding("\(statement.parameters.count) values for \(types.count) placeholders")
        }
        for (index, value) in statement.parameters.enumerated() {
            try parameters.append(value, as: types[index], placeholder: index + 1)
        }
        return prepared
    }

    private func send(control: String) -> Bool {
        exchange?.steps.append(.control)
        return unsafe PQsendQueryParams(handle.raw, control, 0, nil, nil, nil, nil, 1) == 1
    }

    private func send(_ statement: StatementCache.Prepared, firstEntry: Int) -> Bool {
        exchange?.steps.append(.query)
        let count = statement.parameterTypes.count
        let entries = parameters.entries[firstEntry..<firstEntry + count]
        return unsafe parameters.bytes.withUnsafeBytes { block in
            unsafe withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: count + 1) {
                values in
                unsafe withUnsafeTemporaryAllocation(of: Int32.self, capacity: 2 * count + 1) { numbers in
                    for (index, entry) in entries.enumerated() {
                        let start = unsafe block.baseAddress.map { unsafe $0 + entry.offset }
                        unsafe values[index] =
                            entry.length == nil ? nil : unsafe start?.assumingMemoryBound(to: CChar.self)
                        unsafe numbers[index] = Int32(truncatingIfNeeded: entry.length ?? 0)
                        unsafe numbers[count + index] = entry.isBinary ? 1 : 0
                    }
                    guard let lengths = numbers.baseAddress else { return false }
                    return unsafe PQsendQueryPrepared(
                        handle.raw, statement.name, Int32(count), values.baseAddress, lengths,
                        lengths + count, 1) == 1
                }
            }
        }
    }

    private func sendSync() -> Progress {
        exchange?.steps.append(.sync)
        guard unsafe PQpipelineSync(handle.raw) == 1 else { return lost() }
        return flush() ?? .waiting
    }
}
