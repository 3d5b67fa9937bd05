import Foundation

/// Describes any error for a log without repeating text that the error carries.
///
/// `String(describing:)` of a decoding error quotes the document that failed to decode and a URL
/// error quotes the address with its token. Here only names and numbers survive: the type, the case,
/// and associated values that are integers, floating-point numbers, Booleans, durations or again errors.
package enum SafeErrorDescription {
    /// Errors nested deeper than this are named only by their type.
    private static let depthLimit = 3

    /// The description, for example `RedisError.timedOut(after: 2.0 seconds)`.
    package static func of(_ error: any Error) -> String {
        describe(error, depth: 0)
    }

    private static func describe(_ error: any Error, depth: Int) -> String {
        if let loggable = error as? any LoggableError { return loggable.logDescription }
        // Bridged Foundation errors keep their text in a dictionary; domain and code identify them.
        if type(of: error) == NSError.self {
            let bridged = error as NSError
            return "\(bridged.domain)(code: \(bridged.code))"
        }
        let mirror = Mirror(reflecting: error)
        let typeName = String(describing: type(of: error))
        guard depth < depthLimit else { return typeName }
        switch mirror.displayStyle {
        case .enum:
            return describeCase(of: error, named: typeName, mirror: mirror, depth: depth)
        case .struct, .class:
            let shown = fields(of: mirror, depth: depth)
            return shown.isEmpty ? typeName : "\(typeName)(\(shown.joined(separator: ", ")))"
        default:
            return typeName
        }
    }

    private static func describeCase(
        of error: any Error, named typeName: String, mirror: Mirror, depth: Int
    ) -> String {
        guard let payload = mirror.children.first, let name = payload.label else {
            // A case without payload reflects no child; its printed name is the declared one, unless the
            // type prints itself, which it may do with anything: only an identifier is believed.
            let printed = String(describing: error)
            return isIdentifier(printed) ? "\(typeName).\(printed)" : typeName
        }
        let inner = Mirror(reflecting: payload.value)
        let shown: [String] =
            if inner.displayStyle == .tuple {
                fields(of: inner, depth: depth)
            } else {
                value(payload.value, depth: depth).map { [$0] } ?? []
            }
        return shown.isEmpty ? "\(typeName).\(name)" : "\(typeName).\(name)(\(shown.joined(separator: ", ")))"
    }

    private static func fields(of mirror: Mirror, depth: Int) -> [String] {
        mirror.children.compactMap { child in
            guard let shown = value(child.value, depth: depth) else { return nil }
            // Unlabelled tuple elements reflect as ".0", ".1", …
            guard let label = child.label, !label.hasPrefix(".") else { return shown }
            return "\(label): \(shown)"
        }
    }

    private static func isIdentifier(_ text: String) -> Bool {
        text.utf8.count <= 40
            && text.utf8.allSatisfy { byte in
                byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z")
                    || byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
            }
    }

    private static func value(_ value: Any, depth: Int) -> String? {
        switch value {
        case let error as any Error: return describe(error, depth: depth + 1)
        case let number as any BinaryInteger: return String(describing: number)
        case let number as any BinaryFloatingPoint: return String(describing: number)
        case let flag as Bool: return String(flag)
        case let duration as Duration: return String(describing: duration)
        default:
            let mirror = Mirror(reflecting: value)
            guard mirror.displayStyle == .optional, let wrapped = mirror.children.first else { return nil }
            return self.value(wrapped.value, depth: depth)
        }
    }
}
