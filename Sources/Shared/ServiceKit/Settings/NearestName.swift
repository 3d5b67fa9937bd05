/// Finds what a misspelt name was probably meant to be.
enum NearestName {
    /// The candidate with the fewest edits, if they are few for the name's length.
    ///
    /// Case and the kind of separator do not count: `openai.api-key` is `OPENAI_API_KEY`.
    ///
    /// - Parameter limit: The most edits; a third of the name's length when nil.
    static func of(_ name: String, among candidates: [String], limit: Int? = nil) -> String? {
        let wanted = canonical(name)
        let limit = limit ?? max(1, wanted.count / 3)
        return candidates.lazy
            .map { ($0, distance(wanted, canonical($0), limit: limit)) }
            .filter { $0.1 <= limit }
            .min { $0.1 < $1.1 }?.0
    }

    private static func canonical(_ name: String) -> [UInt8] {
        name.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - 0x20
            case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: " "): UInt8(ascii: "_")
            default: byte
            }
        }
    }

    /// Edits (insertion, deletion, substitution, swap of neighbours) from one to the other; the optimal
    /// string alignment distance.
    static func distance(_ first: [UInt8], _ second: [UInt8], limit: Int) -> Int {
        guard abs(first.count - second.count) <= limit else { return limit + 1 }
        var beforeLast: [Int] = []
        var last = Array(0...second.count)
        for (i, a) in first.enumerated() {
            var row = [i + 1]
            for (j, b) in second.enumerated() {
                var best = min(last[j + 1] + 1, row[j] + 1, last[j] + (a == b ? 0 : 1))
                if i > 0, j > 0, a == second[j - 1], first[i - 1] == b {
                    best = min(best, beforeLast[j - 1] + 1)
                }
                row.append(best)
            }
            (beforeLast, last) = (last, row)
        }
        return last[second.count]
    }
}
