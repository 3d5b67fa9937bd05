/// What a vendor's constrained decoding takes of JSON Schema; the rest it refuses with a 400.
struct SchemaRules {
    struct Violation: Error, Hashable {
        /// Names of members and keywords from the root.
        var path: [String]
        var reason: String
    }

    private var forbidden: Set<String>
    private var allMembersAreRequired: Bool
    private var largestMinItems: Int

    /// OpenAI's structured outputs guide: a root object, every object closed, every member required.
    static let openAI = SchemaRules(
        forbidden: [
            "allOf", "oneOf", "not", "if", "then", "else", "dependentRequired", "dependentSchemas",
            "patternProperties", "minLength", "maxLength", "uniqueItems",
        ], allMembersAreRequired: true, largestMinItems: .max)

    /// Anthropic's structured outputs guide: no bounds on numbers, strings or arrays.
    static let anthropic = SchemaRules(
        forbidden: [
            "oneOf", "not", "if", "then", "else", "minimum", "maximum", "exclusiveMinimum",
            "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "maxItems", "uniqueItems",
        ], allMembersAreRequired: false, largestMinItems: 1)

    func check(_ schema: JSONValue) throws(Violation) {
        guard schema["type"] == "object", schema["anyOf"] == nil else {
            throw Violation(path: [], reason: "schema must be a JSON Schema of 'type: \"object\"'")
        }
        try check(schema, path: [])
    }

    private func check(_ schema: JSONValue, path: [String]) throws(Violation) {
        guard let members = schema.object else {
            throw Violation(path: path, reason: "a schema must be an object")
        }
        for keyword in members.keys.sorted() where forbidden.contains(keyword) {
            throw Violation(path: path, reason: "'\(keyword)' is not permitted")
        }
        if let count = members["minItems"]?.integer, count > largestMinItems {
            throw Violation(path: path, reason: "'minItems' of \(count) is not permitted")
        }
        if members["properties"] != nil || schema["type"] == "object" { try checkObject(schema, path: path) }
        if schema["type"] == "array" {
            guard let items = members["items"] else {
                throw Violation(path: path, reason: "array schema missing items")
            }
            try check(items, path: path + ["items"])
        }
        for (index, branch) in (members["anyOf"]?.array ?? []).enumerated() {
            try check(branch, path: path + ["anyOf", "\(index)"])
        }
        for (name, definition) in members["$defs"]?.object ?? [:] {
            try check(definition, path: path + ["$defs", name])
        }
    }

    private func checkObject(_ schema: JSONValue, path: [String]) throws(Violation) {
        guard schema["additionalProperties"] == false else {
            throw Violation(
                path: path, reason: "'additionalProperties' is required to be supplied and to be false")
        }
        let members = schema["properties"]?.object ?? [:]
        let required = Set(schema["required"]?.array?.compactMap(\.string) ?? [])
        if allMembersAreRequired, let missing = members.keys.sorted().first(where: { !required.contains($0) })
        {
            throw Violation(
                path: path,
                reason: "'required' is required to be supplied and to be an array including every key in "
                    + "properties. Missing '\(missing)'")
        }
        for (name, member) in members.sorted(by: { $0.key < $1.key }) {
            try check(member, path: path + ["properties", name])
        }
    }
}
