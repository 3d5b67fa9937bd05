/// Makes a document that conforms to a JSON schema, as a model under constrained decoding would.
struct SchemaSampler {
    let schema: JSONValue
    /// For every member whose name speaks of a quote.
    let quote: String
    /// What the speaker said; a rewrite gives it back, since the same words are the safest better version.
    let spoken: String
    /// Signs the other texts, so that a test can see who wrote a reply.
    let author: String

    var sample: JSONValue { value(of: schema, name: "answer", depth: 0) }

    private func value(of schema: JSONValue, name: String, depth: Int) -> JSONValue {
        // A recursive schema has no smallest instance that we could promise to find.
        guard depth < 16 else { return .null }
        if let reference = schema["$ref"]?.string, let target = resolve(reference) {
            return value(of: target, name: name, depth: depth + 1)
        }
        if let constant = schema["const"] { return constant }
        if let choice = schema["enum"]?.array?.first { return choice }
        if let branch = (schema["anyOf"] ?? schema["oneOf"])?.array?.first(where: { $0["type"] != "null" }) {
            return value(of: branch, name: name, depth: depth + 1)
        }
        switch type(of: schema) {
        case "object":
            return .object(
                (schema["properties"]?.object ?? [:]).reduce(into: [:]) { members, member in
                    members[member.key] = value(of: member.value, name: member.key, depth: depth + 1)
                })
        case "array":
            let count = max(1, schema["minItems"]?.integer ?? 1)
            let element = schema["items"].map { value(of: $0, name: name, depth: depth + 1) } ?? .null
            return .array(Array(repeating: element, count: count))
        case "integer": return .integer(Int(number(within: schema)))
        case "number": return .number(number(within: schema))
        case "boolean": return true
        case "null": return .null
        default: return .string(text(named: name))
        }
    }

    private func type(of schema: JSONValue) -> String {
        if let type = schema["type"]?.string { return type }
        return schema["type"]?.array?.compactMap(\.string).first { $0 != "null" } ?? "string"
    }

    private func number(within schema: JSONValue) -> Double {
        let low = schema["minimum"]?.double ?? 0
        return min(max(low, 1), schema["maximum"]?.double ?? .greatestFiniteMagnitude)
    }

    private func text(named name: String) -> String {
        if name.lowercased().contains("quote") { return quote }
        if name.lowercased().contains("rewrite") { return spoken }
        return "The \(name) that \(author) wrote for this speaker."
    }

    private func resolve(_ reference: String) -> JSONValue? {
        guard reference.hasPrefix("#") else { return nil }
        return reference.dropFirst().split(separator: "/").reduce(schema as JSONValue?) { place, step in
            place?[String(step)]
        }
    }
}
