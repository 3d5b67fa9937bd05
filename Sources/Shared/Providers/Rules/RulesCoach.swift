package import CoachDomain

/// The coach that needs nobody, in six languages: rules over measures and words, in this process, in about a millisecond.
///
/// Its answer is made before any language model is asked and stands whenever none of them delivers.
package struct RulesCoach: Sendable {
    package static let name = "rules"
    package static let model = "rules-2"
    /// Raised when rules or texts change.
    package static let version = "rules-2"

    package init() {}

    /// Feedback with one focus and at most two smaller remarks, each tied to words that were said.
    package func feedback(_ material: CoachingMaterial) -> Feedback {
        var findings = Diagnosis(material).findings()
        // What the speaker works on comes first, whatever else there is.
        if let own = findings.firstIndex(where: { $0.kind.topic == material.focus }) {
            findings.insert(findings.remove(at: own), at: 0)
        }
        findings = Array(findings.prefix(3))
        // A finding that barely deserves a word is only used when there is nothing else.
        let told = findings.enumerated().filter { $0.offset == 0 || $0.element.severity >= 0.15 }.map(
            \.element)
        let texts = RulesTexts.of(material.language)
        let advice = told.compactMap { finding in texts?.advice[finding.kind.rawValue].map { (finding, $0) } }
        let improvements = advice.map { finding, advice in
            let span = material.span(finding.quote)
            let values = ["value": texts?.written(finding) ?? ""]
            return Improvement(
                quote: material.quote(finding.quote), start: span?.start, end: span?.end,
                why: advice.why.filled(values), suggestion: advice.suggestion.filled(values),
                topic: finding.kind.topic)
        }
        let praise = Praise(material.metrics).items(besides: Set(told.map(\.kind))).prefix(2)
        let focus = advice.first
        let values = ["value": focus.flatMap { texts?.written($0.0) } ?? ""]
        return Feedback(
            provider: Self.name, model: Self.model, promptVersion: Self.version,
            summary: texts?.summary.filled([
                "words": String(material.tokens.count),
                "seconds": texts?.written(.whole(material.metrics[.speakingSeconds] ?? 0)) ?? "",
                "headline": focus?.1.headline.filled(values) ?? "",
            ]) ?? "",
            strengths: praise.compactMap { item in texts?.praise(item.key, item.value) },
            improvements: improvements, rewrite: Rewriter(material).text(),
            drill: focus?.1.drill.filled(values) ?? "")
    }
}
