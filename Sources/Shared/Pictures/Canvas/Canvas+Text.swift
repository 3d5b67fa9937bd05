import CCairo

extension Canvas {
    /// Which point of a line of text stands at the point that is given.
    package enum Anchor: Hashable, Sendable { case left, middle, right }

    /// Draws one line; line breaks and other control characters are left out.
    ///
    /// - Parameter point: On the baseline.
    /// - Throws: ``PictureError/noFont(mend:)``.
    package func text(
        _ text: String, at point: Point, _ font: Font, _ color: Color, anchor: Anchor = .left
    ) throws(PictureError) {
        let runs = try FontBook.system.runs(of: text, weight: font.weight)
        let width = measured(runs, font).width
        var x =
            switch anchor {
            case .left: point.x
            case .middle: point.x - width / 2
            case .right: point.x - width
            }
        use(color)
        for run in runs {
            unsafe cairo_set_font_face(context, run.face)
            unsafe cairo_set_font_size(context, font.size)
            unsafe cairo_move_to(context, x, point.y)
            unsafe cairo_show_text(context, run.text)
            x += advance(run.text)
        }
        unsafe cairo_new_path(context)
    }

    /// How much room a line takes.
    package func extent(_ text: String, _ font: Font) throws(PictureError) -> TextExtent {
        measured(try FontBook.system.runs(of: text, weight: font.weight), font)
    }

    /// A line that fits a width: first smaller, then with its end cut off.
    ///
    /// - Parameters:
    ///   - width: Pixels that may be used.
    ///   - least: The smallest size, in pixels, before letters are dropped.
    package func fitted(
        _ text: String, _ font: Font, width: Double, least: Double
    ) throws(PictureError) -> (text: String, font: Font) {
        var font = font
        let natural = try extent(text, font).width
        if natural <= width { return (text, font) }
        font.size = max(min(least, font.size), font.size * width / natural)
        var text = text
        var shown = text
        while try extent(shown, font).width > width + 0.5, !text.isEmpty {
            text.removeLast()
            while text.last == " " { text.removeLast() }
            shown = text + "…"
        }
        return (shown, font)
    }

    /// Breaks a text into lines no wider than `width`; what does not fit the last line is cut off.
    package func wrapped(
        _ text: String, _ font: Font, width: Double, lines limit: Int
    ) throws(PictureError) -> [String] {
        var lines: [String] = []
        var rest = text.split(separator: " ")[...]
        while !rest.isEmpty, lines.count < limit {
            if lines.count == limit - 1 {
                lines.append(
                    try fitted(rest.joined(separator: " "), font, width: width, least: font.size).text)
                break
            }
            var line = String(rest.removeFirst())
            while let next = rest.first, try extent(line + " " + next, font).width <= width {
                line += " " + next
                rest.removeFirst()
            }
            lines.append(try fitted(line, font, width: width, least: font.size).text)
        }
        return lines
    }

    /// No hinting: a phone shows the picture scaled, and every machine shall draw the same.
    func prepareText() {
        let options = unsafe cairo_font_options_create()
        defer { unsafe cairo_font_options_destroy(options) }
        unsafe cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY)
        unsafe cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE)
        unsafe cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF)
        unsafe cairo_set_font_options(context, options)
    }

    private func measured(_ runs: [FontBook.Run], _ font: Font) -> TextExtent {
        var extent = TextExtent(width: 0, ascent: 0, descent: 0)
        for run in runs {
            unsafe cairo_set_font_face(context, run.face)
            unsafe cairo_set_font_size(context, font.size)
            var line = cairo_font_extents_t()
            unsafe cairo_font_extents(context, &line)
            extent.width += advance(run.text)
            extent.ascent = max(extent.ascent, line.ascent)
            extent.descent = max(extent.descent, line.descent)
        }
        return extent
    }

    private func advance(_ text: String) -> Double {
        var extents = cairo_text_extents_t()
        unsafe cairo_text_extents(context, text, &extents)
        return extents.x_advance
    }
}
