import Foundation

/// Turns a request into a call: query string, form, JSON or multipart, as the Bot API accepts all four.
enum CallReader {
    /// Text parameters above this are refused by the real server.
    private static let maximumTextBytes = 1 << 20

    /// - Throws: 400 for a body that cannot be parsed, 413 for too much text, 415 for an unknown encoding.
    static func read(
        method: String, query: String, contentType: String?, body: [UInt8]
    ) throws(Refusal) -> APICall {
        var parameters = form(query)
        var uploads: [String: APICall.Upload] = [:]
        let type = contentType ?? ""
        let kind = type.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces).lowercased()
        switch kind {
        case _ where body.isEmpty: break
        case "application/json":
            guard let fields = JSONValue(parsing: body)?.object else {
                throw .badRequest("can't parse JSON object")
            }
            parameters.merge(fields) { $1 }
        case "application/x-www-form-urlencoded":
            parameters.merge(form(String(decoding: body, as: UTF8.self))) { $1 }
        case "multipart/form-data":
            guard let boundary = boundary(in: type), let parts = Multipart.parse(body, boundary: boundary)
            else {
                throw .badRequest("can't parse multipart body")
            }
            for part in parts {
                if let filename = part.filename {
                    uploads[part.name] = .init(
                        filename: filename, contentType: part.contentType, bytes: part.bytes)
                } else {
                    parameters[part.name] = .string(String(decoding: part.bytes, as: UTF8.self))
                }
            }
        default: throw Refusal(code: 415, description: "Unsupported Media Type")
        }
        let call = APICall(method: method, parameters: parameters, uploads: uploads)
        guard parameters.keys.reduce(0, { $0 + $1.utf8.count + call.text($1).utf8.count }) <= maximumTextBytes
        else { throw Refusal(code: 413, description: "Request Entity Too Large") }
        return call
    }

    /// `a=1&b=2`, percent-encoded.
    static func form(_ text: String) -> [String: JSONValue] {
        var fields: [String: JSONValue] = [:]
        for pair in text.split(separator: "&") {
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = decoded(halves[0]) else { continue }
            fields[name] = .string(halves.count > 1 ? decoded(halves[1]) ?? "" : "")
        }
        return fields
    }

    private static func decoded(_ text: Substring) -> String? {
        text.replacing("+", with: " ").removingPercentEncoding
    }

    private static func boundary(in contentType: String) -> String? {
        for parameter in contentType.split(separator: ";").dropFirst() {
            let halves = parameter.split(separator: "=", maxSplits: 1).map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            if halves.count == 2, halves[0].lowercased() == "boundary" {
                let value = halves[1].trimmingCharacters(in: CharacterSet(charactersIn: "\""))
                return (1...70).contains(value.utf8.count) ? value : nil
            }
        }
        return nil
    }
}
