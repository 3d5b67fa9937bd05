import Foundation

/// A `multipart/form-data` body (RFC 7578), taken apart strictly.
package struct MultipartForm: Sendable {
    package struct Part: Sendable {
        package let name: String
        package let filename: String?
        package let contentType: String?
        package let bytes: [UInt8]

        package var text: String { String(decoding: bytes, as: UTF8.self) }
    }

    /// In order; a name may occur more than once.
    package let parts: [Part]

    /// - Parameter contentType: The request's header, with its boundary.
    init?(contentType: String, body: [UInt8]) {
        let fields = Self.parameters(of: contentType)
        guard contentType.lowercased().hasPrefix("multipart/form-data"), let boundary = fields["boundary"],
            !boundary.isEmpty, boundary.utf8.count <= 70
        else { return nil }
        var parts: [Part] = []
        var rest = body[...]
        let opening = Array("--\(boundary)".utf8)
        let delimiter = [0x0D, 0x0A] + opening
        guard rest.starts(with: opening) else { return nil }
        rest = rest.dropFirst(opening.count)
        while !rest.starts(with: "--".utf8) {
            guard rest.starts(with: "\r\n".utf8) else { return nil }
            rest = rest.dropFirst(2)
            guard let end = Self.firstRange(of: delimiter, in: rest),
                let part = Self.part(rest[..<end.lowerBound])
            else { return nil }
            parts.append(part)
            rest = rest[end.upperBound...]
        }
        self.parts = parts
    }

    package func first(_ name: String) -> Part? { parts.first { $0.name == name } }
    package func all(_ name: String) -> [Part] { parts.filter { $0.name == name } }

    private static func part(_ bytes: ArraySlice<UInt8>) -> Part? {
        let separator = Array("\r\n\r\n".utf8)
        guard let gap = firstRange(of: separator, in: bytes) else { return nil }
        let head = String(decoding: bytes[..<gap.lowerBound], as: UTF8.self)
        var disposition: [String: String] = [:]
        var contentType: String?
        for line in head.components(separatedBy: "\r\n") {
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            switch line[..<colon].lowercased() {
            case "content-disposition": disposition = parameters(of: value)
            case "content-type": contentType = value
            default: break
            }
        }
        guard let name = disposition["name"] else { return nil }
        return Part(
            name: name, filename: disposition["filename"], contentType: contentType,
            bytes: Array(bytes[gap.upperBound...]))
    }

    /// `key=value` and `key="value"` after the first semicolon.
    private static func parameters(of header: String) -> [String: String] {
        var found: [String: String] = [:]
        for piece in header.split(separator: ";").dropFirst() {
            let pair = piece.split(separator: "=", maxSplits: 1)
            guard pair.count == 2 else { continue }
            found[pair[0].trimmingCharacters(in: .whitespaces).lowercased()] =
                pair[1].trimmingCharacters(in: .whitespaces).trimmingCharacters(
                    in: CharacterSet(charactersIn: "\""))
        }
        return found
    }

    private static func firstRange(of pattern: [UInt8], in bytes: ArraySlice<UInt8>) -> Range<Int>? {
        guard let head = pattern.first, bytes.count >= pattern.count else { return nil }
        var start = bytes.startIndex
        let last = bytes.endIndex - pattern.count
        while start <= last {
            guard let candidate = bytes[start...last].firstIndex(of: head) else { return nil }
            if bytes[candidate..<(candidate + pattern.count)].elementsEqual(pattern) {
                return candidate..<(candidate + pattern.count)
            }
            start = candidate + 1
        }
        return nil
    }
}
