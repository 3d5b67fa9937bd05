/// One event of a `text/event-stream`.
struct ServerSentEvent: Hashable, Sendable {
    /// `message` when the server gave no name.
    var name = "message"
    /// The data lines, joined by line feeds; bytes, so that whoever reads them sees broken UTF-8 as it is.
    var data: [UInt8] = []
}

/// Takes a `text/event-stream` apart as its bytes arrive (WHATWG HTML, section 9.2.6).
///
/// Any split of the same bytes gives the same events. `id` and `retry` are for reconnecting and are ignored.
struct ServerSentEventParser: Hashable, Sendable {
    private var line: [UInt8] = []
    private var event = ServerSentEvent(name: "", data: [])
    private var hasData = false
    private var lastWasReturn = false
    private var isFirstLine = true

    /// The events that these bytes complete. An event that no empty line ended is none.
    mutating func read(_ bytes: some Sequence<UInt8>) -> [ServerSentEvent] {
        var events: [ServerSentEvent] = []
        for byte in bytes {
            switch byte {
            case 0x0A where lastWasReturn:
                // The second half of CRLF.
                lastWasReturn = false
            case 0x0A, 0x0D:
                lastWasReturn = byte == 0x0D
                if let finished = endLine() { events.append(finished) }
            default:
                lastWasReturn = false
                line.append(byte)
            }
        }
        return events
    }

    private mutating func endLine() -> ServerSentEvent? {
        if isFirstLine, line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
        isFirstLine = false
        defer { line.removeAll(keepingCapacity: true) }
        guard !line.isEmpty else {
            defer {
                event = ServerSentEvent(name: "", data: [])
                hasData = false
            }
            guard hasData else { return nil }
            return ServerSentEvent(name: event.name.isEmpty ? "message" : event.name, data: event.data)
        }
        let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
        var value = line[colon...].dropFirst()
        if value.first == 0x20 { value = value.dropFirst() }
        switch String(decoding: line[..<colon], as: UTF8.self) {
        case "event": event.name = String(decoding: value, as: UTF8.self)
        case "data":
            if hasData { event.data.append(0x0A) }
            event.data += value
            hasData = true
        default: break
        }
        return nil
    }
}

/// Puts a model's answer together from the events of a stream, or reads it whole.
protocol AnswerAssembly: Sendable {
    /// - Returns: Whether the answer is complete and nothing that follows matters.
    mutating func read(_ event: ServerSentEvent) throws(ProviderError) -> Bool

    /// For a server that answers with a document although it was asked to stream.
    mutating func readWhole(_ body: [UInt8]) throws(ProviderError)

    /// - Throws: What is wrong with the answer, ``ProviderError/malformedResponse`` when it just stopped.
    func answer() throws(ProviderError) -> ModelAnswer
}

/// Bytes of a stream in, an answer out; how the bytes were split does not matter.
struct AnswerReader<Assembly: AnswerAssembly>: Sendable {
    private var parser = ServerSentEventParser()
    private var assembly: Assembly
    private(set) var isComplete = false

    init(_ assembly: Assembly) { self.assembly = assembly }

    mutating func read(_ bytes: some Sequence<UInt8>) throws(ProviderError) {
        for event in parser.read(bytes) where !isComplete { isComplete = try assembly.read(event) }
    }

    func answer() throws(ProviderError) -> ModelAnswer { try assembly.answer() }
}
