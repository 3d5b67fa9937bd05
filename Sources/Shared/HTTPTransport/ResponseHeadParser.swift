/// Collects the header lines of an answer as libcurl hands them over, one whole line each.
///
/// Informational heads (1xx) are dropped, trailers after the body too.
struct ResponseHeadParser {
    enum Step {
        case more
        case complete(status: Int, HTTPHeaders)
        case violation
    }

    /// Ample for real servers; libcurl itself limits only single lines.
    private static let maximumBytes = 256 << 10

    private var status = 0
    private var headers = HTTPHeaders()
    private var bytes = 0
    private var isComplete = false

    mutating func consume(_ line: UnsafeRawBufferPointer) -> Step {
        guard !isComplete else { return .more }
        bytes += line.count
        guard bytes <= Self.maximumBytes else { return .violation }
        var text = unsafe String(decoding: line, as: UTF8.self)
        while text.unicodeScalars.last.map({ $0 == "\r" || $0 == "\n" }) == true {
            text.unicodeScalars.removeLast()
        }
        guard !text.isEmpty else {
            guard status >= 200 else { return status >= 100 ? .more : .violation }
            isComplete = true
            return .complete(status: status, headers)
        }
        if text.hasPrefix("HTTP/") {
            let words = text.split(separator: " ", maxSplits: 2)
            guard words.count >= 2, let code = Int(words[1]), (100...999).contains(code) else {
                return .violation
            }
            status = code
            headers.removeAll()
            return .more
        }
        // Lines without a colon are folded or broken; neither carries a field we could name.
        guard let colon = text.firstIndex(of: ":") else { return .more }
        headers.append(
            name: String(text[..<colon]), value: text[text.index(after: colon)...].trimmingSpaces())
        return .more
    }
}

extension Substring {
    fileprivate func trimmingSpaces() -> String {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        guard let first = firstIndex(where: { !isSpace($0) }),
            let last = lastIndex(where: { !isSpace($0) })
        else { return "" }
        return String(self[first...last])
    }
}
