/// Word errors of a recognition against what was said.
struct WordErrors {
    private(set) var errors = 0
    private(set) var words = 0

    /// Share of wrong, missing and extra words, in percent of the words said.
    var rate: Double { words > 0 ? 100 * Double(errors) / Double(words) : 0 }

    /// Adds one pair, by the smallest number of substitutions, deletions and insertions.
    mutating func add(said: String, heard: String) {
        let truth = Self.words(said)
        let answer = Self.words(heard)
        var row = Array(0...answer.count)
        for (index, word) in truth.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for (column, other) in answer.enumerated() {
                let cost = min(diagonal + (word == other ? 0 : 1), row[column] + 1, row[column + 1] + 1)
                diagonal = row[column + 1]
                row[column + 1] = cost
            }
        }
        errors += row[answer.count]
        words += truth.count
    }

    private static func words(_ text: String) -> [String] {
        text.lowercased().split { !$0.isLetter && $0 != "'" }.map(String.init)
    }
}
