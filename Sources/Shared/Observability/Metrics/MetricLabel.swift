/// One dimension of a metric, with a bounded set of values.
///
/// A metric's series live for ever in the process and in Prometheus, so a value must never come from a
/// user, a provider's text or an id.
package protocol MetricLabel: Sendable {
    /// The label's name in the exposition, `[a-zA-Z_][a-zA-Z0-9_]*`.
    static var label: String { get }
    /// Every value the label can take; nil when the process has exactly one (a version, for example).
    static var values: [String]? { get }
    /// The value shown.
    var value: String { get }
}

/// A label whose values are the cases of an enumeration; `other` stands for all that is not listed.
package protocol ClosedMetricLabel: MetricLabel, CaseIterable, RawRepresentable<String> {
    static var other: Self { get }
}

extension ClosedMetricLabel {
    package static var values: [String]? { allCases.map(\.rawValue) }
    package var value: String { rawValue }

    /// The case named `name`, or ``other``: a name from elsewhere never makes a new series.
    package init(_ name: some StringProtocol) {
        self = Self(rawValue: String(name)) ?? .other
    }
}
