import Foundation

/// Reads `multipart/form-data` (RFC 7578).
enum Multipart {
    struct Part: Equatable {
        var name: String
        var filename: String?
        var contentType: String?
        var bytes: [UInt8]
    }

    /// - Returns: Nil when the body does not end with the closing boundary or a part has no name.
    static func parse(_ body: [UInt8], boundary: String) -> [Part]? {
        let data = Data(body)
        let delimiter = Data("\r\n--\(boundary)".utf8)
        // The first delimiter has no line break before it.
        let opening = delimiter.dropFirst(2)
        guard data.starts(with: opening) else { return nil }
        var parts: [Part] = []
        var position = opening.count
        while true {
            let tail = data[position...]
            if tail.starts(with: Data("--".utf8)) { return parts }
            guard tail.starts(with: Data("\r\n".utf8)),
                let end = data.range(of: delimiter, in: position..<data.count),
                let part = part(data[(position + 2)..<max(end.lowerBound, position + 2)])
            else { return nil }
            parts.append(part)
            position = end.upperBound
        }
    }

    private static func part(_ data: Data) -> Part? {
        guard let gap = data.range(of: Data("\r\n\r\n".utf8)) else { return nil }
        var part = Part(name: "", bytes: [UInt8](data[gap.upperBound...]))
        for line in String(decoding: data[..<gap.lowerBound], as: UTF8.self).components(separatedBy: "\r\n") {
            let halves = line.split(separator: ":", maxSplits: 1)
            guard halves.count == 2 else { continue }
            let value = halves[1].trimmingCharacters(in: .whitespaces)
            switch halves[0].lowercased() {
            case "content-disposition":
                part.name = attribute("name", of: value) ?? ""
                part.filename = attribute("filename", of: value)
            case "content-type": part.contentType = value
            default: break
            }
        }
        return part.name.isEmpty ? nil : part
    }

    /// Senders escape quotes in names as `%22` (WHATWG) or `\"`.
    private static func attribute(_ name: String, of value: String) -> String? {
        guard let start = value.range(of: "; \(name)=\"") else { return nil }
        var text = ""
        var rest = value[start.upperBound...]
        while let character = rest.popFirst(), character != "\"" {
            text.append(character == "\\" ? rest.popFirst() ?? "\\" : character)
        }
        return text.replacing("%22", with: "\"")
    }
}
