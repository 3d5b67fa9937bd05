extension Canvas {
    /// A sheet for one diagram, with its title in the upper left corner.
    ///
    /// - Returns: What is left for the diagram.
    func panel(
        _ rect: Rect, title: String, titleWidth: Double? = nil, _ theme: Theme
    ) throws(PictureError) -> Rect {
        fill(.rectangle(rect, radius: 28), theme.panel)
        let inner = rect.inset(32, 24)
        let fitting = try fitted(
            title, Font(32, .semibold), width: titleWidth ?? inner.width, least: 26)
        try text(fitting.text, at: Point(inner.x, inner.y + 30), fitting.font, theme.text)
        return Rect(x: inner.x, y: inner.y + 56, width: inner.width, height: inner.height - 56)
    }

    /// Thin upright lines that let the eye walk from one diagram to the next.
    func grid(_ time: TimeScale, ticks: [Double], in area: Rect, _ theme: Theme) {
        for tick in ticks.dropFirst() {
            stroke(
                .line(from: Point(time.x(tick), area.y), to: Point(time.x(tick), area.bottom)), theme.grid,
                width: 2)
        }
    }

    /// The label of a value, in the gutter to the right of a diagram.
    func label(_ text: String, right: Double, y: Double, _ color: Color) throws(PictureError) {
        try self.text(text, at: Point(right, y + 10), Font(28, .medium), color, anchor: .right)
    }

    /// A drop of colour before a word, from right to left, for legends.
    ///
    /// - Returns: Where the next entry may end.
    func legend(
        _ text: String, right: Double, baseline: Double, swatch: Swatch, _ theme: Theme
    ) throws(PictureError) -> Double {
        let font = Font(28, .medium)
        let width = try extent(text, font).width
        try self.text(text, at: Point(right, baseline), font, theme.quiet, anchor: .right)
        let middle = Point(right - width - 24, baseline - 10)
        switch swatch {
        case .area(let color):
            let box = Rect(x: middle.x - 14, y: middle.y - 12, width: 28, height: 24)
            fill(.rectangle(box, radius: 6), color)
            stroke(.rectangle(box, radius: 6), theme.quiet.opacity(0.35).over(color), width: 2)
        case .drop(let color): fill(.circle(middle, radius: 10), color)
        }
        return middle.x - 14 - 28
    }

    enum Swatch {
        case area(Color)
        case drop(Color)
    }
}
