/// A size and weight of the product's typeface.
///
/// Which typeface that is, the machine decides: Inter where it is installed (it is in the image), otherwise the
/// first of Noto Sans, Open Sans, Roboto, DejaVu Sans and whatever fontconfig holds for a sans-serif. Characters
/// that it lacks come from the next typeface that has them.
package struct Font: Hashable, Sendable {
    package enum Weight: Int, Hashable, Sendable, CaseIterable {
        case regular, medium, semibold, bold
    }

    /// Height of the em square in pixels; capitals are about 0.7 of it.
    package var size: Double
    package var weight: Weight

    package init(_ size: Double, _ weight: Weight = .regular) {
        self.size = size
        self.weight = weight
    }
}

/// How much room a line of text takes, in pixels.
package struct TextExtent: Hashable, Sendable {
    /// From where the text starts to where the next word would start.
    package var width: Double
    /// Above the baseline, of the typeface rather than of these letters.
    package var ascent: Double
    /// Below the baseline, likewise.
    package var descent: Double

    package init(width: Double, ascent: Double, descent: Double) {
        self.width = width
        self.ascent = ascent
        self.descent = descent
    }
}
