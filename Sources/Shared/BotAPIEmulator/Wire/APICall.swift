/// One call of a Bot API method, whichever of the wire forms it came in.
package struct APICall: Sendable {
    /// A file that came with the call.
    package struct Upload: Sendable {
        package let filename: String
        package let contentType: String?
        package let bytes: [UInt8]
    }

    /// As the caller wrote it; methods are compared without regard to case.
    package let method: String
    package let parameters: [String: JSONValue]
    package let uploads: [String: Upload]

    init(method: String, parameters: [String: JSONValue], uploads: [String: Upload] = [:]) {
        self.method = method
        self.parameters = parameters
        self.uploads = uploads
    }

    /// Empty when absent, as in the real server, where every argument is text.
    func text(_ name: String) -> String {
        switch parameters[name] {
        case .string(let value): value
        case .integer(let value): String(value)
        case .bool(let value): value ? "true" : "false"
        case .none, .null: ""
        case .some(let value): String(decoding: value.serialized, as: UTF8.self)
        }
    }

    func integer(_ name: String) -> Int64? { parameters[name]?.integer ?? Int64(text(name)) }

    func flag(_ name: String) -> Bool { ["true", "yes", "1"].contains(text(name).lowercased()) }

    /// A structured argument, given as JSON or as text that holds JSON. Nil when absent.
    func json(_ name: String) throws(Refusal) -> JSONValue? {
        guard let value = parameters[name], value != .null, value != "" else { return nil }
        guard case .string(let text) = value else { return value }
        guard let parsed = JSONValue(parsing: text.utf8) else {
            throw .badRequest("can't parse \(name) JSON object")
        }
        return parsed
    }
}

/// Why the Bot API refused a call, in its own words.
struct Refusal: Error, Equatable {
    let code: Int
    let description: String
    var parameters: [String: JSONValue] = [:]

    static func badRequest(_ reason: String) -> Refusal {
        Refusal(code: 400, description: "Bad Request: " + reason)
    }

    static func forbidden(_ reason: String) -> Refusal {
        Refusal(code: 403, description: "Forbidden: " + reason)
    }

    static func tooManyRequests(retryAfter seconds: Int) -> Refusal {
        Refusal(
            code: 429, description: "Too Many Requests: retry after \(seconds)",
            parameters: ["retry_after": .integer(Int64(seconds))])
    }

    var retryAfter: Int64? { parameters["retry_after"]?.integer }
}

/// What a call came to.
typealias APIAnswer = Result<JSONValue, Refusal>

extension Result where Success == JSONValue, Failure == Refusal {
    var status: Int {
        switch self {
        case .success: 200
        case .failure(let refusal): refusal.code
        }
    }

    /// The envelope that goes over the wire.
    var envelope: JSONValue {
        switch self {
        case .success(let result):
            return ["ok": true, "result": result]
        case .failure(let refusal):
            var fields: [String: JSONValue] = [
                "ok": false, "error_code": .integer(Int64(refusal.code)),
                "description": .string(refusal.description),
            ]
            if !refusal.parameters.isEmpty { fields["parameters"] = .object(refusal.parameters) }
            return .object(fields)
        }
    }
}
