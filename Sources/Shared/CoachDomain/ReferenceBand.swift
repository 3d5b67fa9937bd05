/// What listeners are used to, as a comfortable zone inside a wider tolerated one.
///
/// The published bands conflict, so nothing is judged by a sharp border: inside ``comfortable`` there is
/// nothing to say, between the two zones little, and outside ``tolerated`` it is worth a word.
package struct ReferenceBand: Hashable, Sendable {
    /// How the numbers are founded; shown beside them.
    package enum Basis: String, Hashable, Sendable, CaseIterable {
        /// From a publication that measured this in this language.
        case published
        /// A published band, carried over to this language by a published ratio.
        case scaled
        /// A convention of ours where no agreed cut-off exists.
        case convention
    }

    package var measure: MeasureName
    /// Infinite where more, or less, is never too much.
    package var comfortable: ClosedRange<Double>
    /// Contains ``comfortable``.
    package var tolerated: ClosedRange<Double>
    package var basis: Basis

    /// - Precondition: none; `tolerated` is widened to hold `comfortable`.
    package init(
        _ measure: MeasureName, comfortable: ClosedRange<Double>, tolerated: ClosedRange<Double>, basis: Basis
    ) {
        self.measure = measure
        self.comfortable = comfortable
        self.tolerated =
            min(
                tolerated.lowerBound, comfortable.lowerBound)...max(
                tolerated.upperBound, comfortable.upperBound)
        self.basis = basis
    }

    /// How far a value lies outside: 0 inside the comfortable zone, ±1 at the border of the tolerated one and
    /// growing at the same pace beyond it. Negative below, positive above; held to ±5.
    package func deviation(of value: Double) -> Double {
        if value > comfortable.upperBound {
            return Self.share(
                value - comfortable.upperBound, of: tolerated.upperBound - comfortable.upperBound)
        }
        if value < comfortable.lowerBound {
            return -Self.share(
                comfortable.lowerBound - value, of: comfortable.lowerBound - tolerated.lowerBound)
        }
        return 0
    }

    /// What a change from one value to another is worth: positive when it leads towards the comfortable zone.
    /// Zero for changes that nobody would notice.
    package func improvement(from old: Double, to new: Double) -> Double {
        guard abs(new - old) >= measure.noticeableDifference(at: old) else { return 0 }
        return abs(deviation(of: old)) - abs(deviation(of: new))
    }

    private static func share(_ excess: Double, of width: Double) -> Double {
        // A zone without width knows only inside and outside.
        min(width > 0 && width.isFinite ? excess / width : 1, 5)
    }
}
