/// How varied the words are, independent of how many there are.
enum Vocabulary {
    /// Words in the moving window.
    static let window = 50

    /// Moving-average type–token ratio (Covington and McFall 2010): the mean share of different words over
    /// all windows of 50 words. `nil` for shorter texts, where no ratio is comparable.
    static func movingAverageTypeTokenRatio(_ words: [String]) -> Double? {
        guard words.count >= window else { return nil }
        var counts: [String: Int] = [:]
        var sum = 0
        for (index, word) in words.enumerated() {
            counts[word, default: 0] += 1
            if index >= window, let count = counts[words[index - window]] {
                counts[words[index - window]] = count == 1 ? nil : count - 1
            }
            if index >= window - 1 { sum += counts.count }
        }
        return Double(sum) / Double(window * (words.count - window + 1))
    }
}
