extension String {
    /// The text with its gaps filled, each once: what a value brings along is never read as a gap.
    ///
    /// `{name}` stands for a value. `{name#one|other}` and `{name#one|few|many}` stand for the form of a word
    /// that goes with a number: two forms for languages that tell one from many, three for those that count
    /// as Russian does (Unicode CLDR plural rules). A gap that has no value stays as it is.
    package func filled(_ values: [String: String]) -> String {
        var result = ""
        var rest = self[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            result += rest[..<open]
            let gap = rest[rest.index(after: open)..<close]
            let parts = gap.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
            if let value = values[String(parts[0])] {
                result += parts.count == 2 ? PluralForm.choose(from: parts[1], for: value) : value
            } else {
                result += rest[open...close]
            }
            rest = rest[rest.index(after: close)...]
        }
        return result + rest
    }
}

/// Which form of a word goes with a number.
private enum PluralForm {
    static func choose(from forms: Substring, for value: String) -> String {
        let forms = forms.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
        guard let number = Int(value) else {
            // "2,3 полутона": a part of one takes the form of a few.
            return forms.count > 1 ? forms[1] : forms.first ?? ""
        }
        let place =
            switch (number % 10, number % 100) {
            case (1, let tens) where forms.count > 2 && tens != 11: 0
            case (2...4, let tens) where forms.count > 2 && !(12...14).contains(tens): 1
            case _ where forms.count > 2: 2
            default: number == 1 ? 0 : 1
            }
        return forms.indices.contains(place) ? forms[place] : forms.last ?? ""
    }
}
