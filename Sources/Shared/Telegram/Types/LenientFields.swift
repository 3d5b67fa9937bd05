/// The fields of one JSON object from Telegram, read without trust.
///
/// Telegram adds fields and changes optional ones as it likes, and one update that cannot be decoded would be
/// delivered again for a day. So only what the product cannot do without is required; an optional field of an
/// unexpected type reads as absent.
struct LenientFields {
    struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    private let container: KeyedDecodingContainer<Name>

    init(_ decoder: any Decoder) throws {
        container = try decoder.container(keyedBy: Name.self)
    }

    /// Names present in the object, in no particular order.
    var names: [String] { container.allKeys.map(\.stringValue) }

    func contains(_ name: String) -> Bool { container.contains(Name(stringValue: name)) }

    func required<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) throws -> Value {
        try container.decode(type, forKey: Name(stringValue: name))
    }

    func optional<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) -> Value? {
        do { return try container.decodeIfPresent(type, forKey: Name(stringValue: name)) } catch {
            return nil
        }
    }

    /// The elements that can be decoded; nil when the field is absent or no array.
    func list<Element: Decodable>(_ name: String, of type: Element.Type = Element.self) -> [Element]? {
        optional(name, as: [Lenient<Element>].self)?.compactMap(\.value)
    }
}

/// A value that reads as nil instead of failing what surrounds it.
struct Lenient<Value: Decodable>: Decodable {
    let value: Value?

    init(from decoder: any Decoder) throws {
        do { value = try Value(from: decoder) } catch { value = nil }
    }
}

extension Lenient: Sendable where Value: Sendable {}
