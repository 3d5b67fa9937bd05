import Foundation

/// The forms a setting can take: how its text is read, and how the reference describes it.
struct SettingForm<Value: Sendable>: Sendable {
    var words: String
    var parse: @Sendable (String) throws(SettingFault) -> Value
}

extension SettingForm where Value == String {
    /// Any text that fits on one line.
    static let text = SettingForm(words: "text") { text throws(SettingFault) in
        guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            throw SettingFault(
                problem: "more than one line or holds a control character", mend: "one line of text")
        }
        return text
    }

    /// An address without query or fragment; given back without a slash at its end.
    static func url(_ schemes: String...) -> SettingForm {
        let shown = schemes.map { "\($0)://…" }.joined(separator: " or ")
        return SettingForm(words: shown) { text throws(SettingFault) in
            let mend = "\(shown) with a host"
            guard let url = URLComponents(string: text), let scheme = url.scheme?.lowercased() else {
                throw SettingFault(problem: "not an address", mend: mend)
            }
            guard schemes.contains(scheme) else {
                throw SettingFault(problem: "an address of the wrong kind (\(scheme))", mend: mend)
            }
            guard url.host.map({ !$0.isEmpty }) == true else {
                throw SettingFault(problem: "an address without a host", mend: mend)
            }
            guard url.query == nil, url.fragment == nil else {
                throw SettingFault(problem: "an address with a query or fragment", mend: "it without them")
            }
            guard url.user == nil, url.password == nil else {
                throw SettingFault(
                    problem: "an address with a user or password", mend: "it without them; keys have settings"
                )
            }
            return String(text.reversed().drop { $0 == "/" }.reversed())
        }
    }

    /// Text of which every byte satisfies `isLegal`.
    static func pattern(
        _ words: String, lengths: ClosedRange<Int>, isLegal: @escaping @Sendable (String) -> Bool
    ) -> SettingForm {
        SettingForm(words: words) { text throws(SettingFault) in
            guard lengths.contains(text.utf8.count), isLegal(text) else {
                throw SettingFault(problem: "malformed", mend: words)
            }
            return text
        }
    }
}

extension SettingForm where Value == Secret {
    /// The same form for a value that must not be shown.
    static func secret(_ form: SettingForm<String>) -> SettingForm {
        SettingForm(words: form.words) { text throws(SettingFault) in Secret(try form.parse(text)) }
    }
}

extension SettingForm where Value == Int {
    static func integer(_ range: ClosedRange<Int>) -> SettingForm {
        let words = "\(range.lowerBound)…\(range.upperBound)"
        return SettingForm(words: words) { text throws(SettingFault) in
            guard let number = Int(text) else {
                throw SettingFault(problem: "not a whole number", mend: words)
            }
            guard range.contains(number) else {
                throw SettingFault(problem: "out of range", mend: words)
            }
            return number
        }
    }
}

extension SettingForm where Value == Double {
    static func number(_ range: ClosedRange<Double>) -> SettingForm {
        let words = "\(shortest(range.lowerBound))…\(shortest(range.upperBound))"
        return SettingForm(words: words) { text throws(SettingFault) in
            guard let number = Double(text), number.isFinite else {
                throw SettingFault(problem: "not a number", mend: words)
            }
            guard range.contains(number) else {
                throw SettingFault(problem: "out of range", mend: words)
            }
            return number
        }
    }

    private static func shortest(_ number: Double) -> String {
        Int(exactly: number).map(String.init) ?? String(number)
    }
}

extension SettingForm where Value: RawRepresentable<String> & CaseIterable {
    /// One of the names.
    static func choice(_ type: Value.Type) -> SettingForm {
        let words = Value.allCases.map(\.rawValue).joined(separator: ", ")
        return SettingForm(words: "one of: \(words)") { text throws(SettingFault) in
            guard let value = Value(rawValue: text) else {
                throw SettingFault(problem: "unknown", mend: "one of: \(words)")
            }
            return value
        }
    }
}

extension SettingForm {
    /// Names from a fixed set, ordered, separated by commas, each at most once.
    static func list<Name>(of type: Name.Type) -> SettingForm
    where Name: RawRepresentable<String> & CaseIterable & Hashable & Sendable, Value == [Name] {
        let words = Name.allCases.map(\.rawValue).joined(separator: ", ")
        return SettingForm(words: "a list of: \(words)") { text throws(SettingFault) in
            var names: [Name] = []
            for part in text.split(separator: ",") {
                let word = part.trimmingCharacters(in: .whitespaces)
                guard let name = Name(rawValue: word) else {
                    throw SettingFault(
                        problem: "a list with the unknown name \"\(word)\"", mend: "names among: \(words)")
                }
                guard !names.contains(name) else {
                    throw SettingFault(problem: "a list that names \(word) twice", mend: "each name once")
                }
                names.append(name)
            }
            guard !names.isEmpty else {
                throw SettingFault(problem: "a list without a name", mend: "names among: \(words)")
            }
            return names
        }
    }
}
