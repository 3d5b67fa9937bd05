/// A `numeric` in its binary form: digits of base 10000, see `numeric_send` in PostgreSQL's `numeric.c`.
struct PostgresNumeric {
    /// The number as PostgreSQL prints it, for example `-12.340`, `NaN`, `Infinity`.
    let text: String

    init(_ bytes: UnsafeRawBufferPointer) throws(PostgresError) {
        var reader = unsafe BigEndianReader(bytes)
        let count = Int(try reader.next(UInt16.self))
        let weight = Int(try reader.next(Int16.self))
        let sign = try reader.next(UInt16.self)
        let scale = Int(try reader.next(UInt16.self))
        var digits: [Int] = []
        digits.reserveCapacity(count)
        for _ in 0..<count { digits.append(Int(try reader.next(UInt16.self))) }
        switch sign {
        case 0x0000: text = Self.print(digits, weight: weight, scale: scale)
        case 0x4000: text = "-" + Self.print(digits, weight: weight, scale: scale)
        case 0xC000: text = "NaN"
        case 0xD000: text = "Infinity"
        case 0xF000: text = "-Infinity"
        default: throw .decoding("numeric of an unknown sign")
        }
    }

    /// The value when it has no fraction and fits.
    var integer: Int64? {
        guard let point = text.firstIndex(of: ".") else { return Int64(text) }
        guard text[text.index(after: point)...].allSatisfy({ $0 == "0" }) else { return nil }
        return Int64(text[..<point])
    }

    /// The nearest double.
    var double: Double {
        switch text {
        case "NaN": .nan
        case "Infinity": .infinity
        case "-Infinity": -.infinity
        default: Double(text) ?? .nan
        }
    }

    /// The digit group of weight `w` stands for `digit × 10000^w`.
    private static func print(_ digits: [Int], weight: Int, scale: Int) -> String {
        func group(_ position: Int) -> String {
            let index = weight - position
            let digit = String(digits.indices.contains(index) ? digits[index] : 0)
            return String(repeating: "0", count: 4 - min(4, digit.count)) + digit
        }
        var whole = ""
        if weight >= 0 {
            for position in stride(from: weight, through: 0, by: -1) { whole += group(position) }
        }
        let trimmed = whole.drop { $0 == "0" }
        let integerPart = trimmed.isEmpty ? "0" : String(trimmed)
        guard scale > 0 else { return integerPart }
        var fraction = ""
        var position = -1
        while fraction.utf8.count < scale {
            fraction += group(position)
            position -= 1
        }
        return integerPart + "." + fraction.prefix(scale)
    }
}
