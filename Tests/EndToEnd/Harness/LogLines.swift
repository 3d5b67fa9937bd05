import Foundation
import ProviderFakes

/// What a role wrote to standard error: JSON lines.
struct LogLines {
    let lines: [JSON]
    /// Lines that are no JSON objects; there should be none.
    let strays: [String]

    init(_ text: String) {
        var lines: [JSON] = []
        var strays: [String] = []
        // What follows the last line feed is still being written.
        let end = text.lastIndex(of: "\n") ?? text.startIndex
        for line in text[..<end].split(separator: "\n") {
            if let value = JSON(text: String(line)), value.object != nil {
                lines.append(value)
            } else {
                strays.append(String(line))
            }
        }
        self.lines = lines
        self.strays = strays
    }

    /// Lines that carry a note's id.
    func about(note: Int64) -> [JSON] {
        lines.filter { line in
            let id = line["note"]
            return id?.integer == Int(note) || id?.string == "\(note)"
        }
    }
}
