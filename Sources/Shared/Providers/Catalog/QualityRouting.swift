/// Who is asked first when nothing else decides; a value, so that an operator's change is one line.
package enum QualityRouting: Hashable, Sendable {
    /// The order of the list.
    case order
    /// Each job draws its first provider by weight; the others follow in the order of the list. A provider
    /// without a weight is never drawn but stands in.
    case weights([String: Double])
    /// A share of the jobs, 0...1, goes to one provider first: a model on trial, or one that is kept warm.
    case canary(String, share: Double)

    /// - Parameter random: Uniform in 0..<1; drawn at most once.
    package func ordered<Element>(
        _ elements: [Element], name: (Element) -> String, random: () -> Double
    ) -> [Element] {
        switch self {
        case .order: return elements
        case .canary(let canary, let share):
            guard let place = elements.firstIndex(where: { name($0) == canary }), random() < share else {
                return elements
            }
            return Self.leading(elements, place)
        case .weights(let weights):
            let shares = elements.map { max(0, weights[name($0)] ?? 0) }
            let total = shares.reduce(0, +)
            guard total > 0, total.isFinite else { return elements }
            var rest = random() * total
            for (place, share) in shares.enumerated() where share > 0 {
                rest -= share
                if rest < 0 { return Self.leading(elements, place) }
            }
            return elements
        }
    }

    private static func leading<Element>(_ elements: [Element], _ place: Int) -> [Element] {
        var elements = elements
        elements.insert(elements.remove(at: place), at: 0)
        return elements
    }
}
