extension CoachCard {
    static let width = 1_080.0
    private static let margin = 40.0
    private static let gap = 20.0
    /// To the right of the diagrams, for the labels of their values.
    private static let gutter = 68.0

    /// The whole card, on the calling thread.
    func drawn() throws(PictureError) -> [UInt8] { try cleaned.drawnAsIs() }

    /// Without what makes no sense, so that drawing need not ask.
    private var cleaned: CoachCard {
        var card = self
        card.headlines = Array(headlines.prefix(3))
        card.seconds = seconds.isFinite && seconds > 0 ? min(seconds, 86_400) : 1
        let time = 0...card.seconds
        let sensible = { (mark: Mark) -> Mark? in
            guard mark.start.isFinite, mark.end.isFinite, mark.end >= mark.start, mark.start <= card.seconds,
                mark.end >= 0
            else { return nil }
            return Mark(start: max(mark.start, 0), end: min(mark.end, card.seconds), label: mark.label)
        }
        card.pauses = pauses.compactMap(sensible).filter { $0.end > $0.start }
        card.fillers = fillers.compactMap(sensible).sorted { $0.start < $1.start }
        let known = { (readings: [Reading]) in
            readings.filter { abs($0.value) < 1e6 && time.contains($0.time) }.sorted { $0.time < $1.time }
        }
        card.pace = known(pace)
        card.pitch = known(pitch)
        card.waveform = waveform.map { $0.isFinite ? max(0, $0) : 0 }
        card.comfortablePace = comfortablePace.flatMap {
            abs($0.lowerBound) < 1e6 && abs($0.upperBound) < 1e6 ? $0 : nil
        }
        return card
    }

    private func drawnAsIs() throws(PictureError) -> [UInt8] {
        let heights = [
            (76.0, true), (212, !headlines.isEmpty), (312, true), (270, pace.count > 1),
            (264, pitch.count > 1),
        ]
        let rows = heights.filter(\.1)
        let height =
            rows.reduce(0) { $0 + $1.0 } + Self.gap * Double(rows.count - 1) + Self.margin + 60
        let canvas = try Canvas(width: Int(Self.width), height: Int(height), ground: theme.ground)
        var y = Self.margin - 4
        func row(_ height: Double) -> Rect {
            defer { y += height + Self.gap }
            return Rect(x: Self.margin, y: y, width: Self.width - 2 * Self.margin, height: height)
        }
        let time = TimeScale(
            seconds: seconds, left: Self.margin + 32,
            width: Self.width - 2 * Self.margin - 64 - Self.gutter)
        let ticks = time.ticks(limit: 7)

        try drawHeader(canvas, in: row(76))
        if !headlines.isEmpty { try drawHeadlines(canvas, in: row(212)) }
        try drawVoice(canvas, in: row(312), time, ticks)
        if pace.count > 1 { try drawPace(canvas, in: row(270), time, ticks) }
        if pitch.count > 1 { try drawMelody(canvas, in: row(264), time, ticks) }
        for tick in ticks {
            try canvas.text(
                time.label(tick), at: Point(time.x(tick), y + 22), Font(28, .medium), theme.quiet,
                anchor: tick == 0 ? .left : .middle)
        }
        return try canvas.png()
    }

    private func drawHeader(_ canvas: Canvas, in rect: Rect) throws(PictureError) {
        let baseline = rect.y + 52
        let date = try canvas.fitted(subtitle, Font(32, .medium), width: rect.width / 2, least: 28)
        let taken = try canvas.extent(date.text, date.font).width
        try canvas.text(
            date.text, at: Point(rect.right - 8, baseline), date.font, theme.quiet, anchor: .right)
        let name = try canvas.fitted(
            title, Font(46, .bold), width: rect.width - taken - 48, least: 36)
        try canvas.text(name.text, at: Point(rect.x + 8, baseline), name.font, theme.text)
    }

    private func drawHeadlines(_ canvas: Canvas, in rect: Rect) throws(PictureError) {
        for (number, tile) in zip(headlines, rect.columns(headlines.count, gap: Self.gap)) {
            canvas.fill(.rectangle(tile, radius: 28), theme.panel)
            let inner = tile.inset(28, 24)
            let label = try canvas.fitted(number.label, Font(30, .medium), width: inner.width, least: 24)
            try canvas.text(label.text, at: Point(inner.x, inner.y + 26), label.font, theme.quiet)
            try drawValue(number, canvas, in: inner, baseline: inner.y + 110)
            try drawRemark(number, canvas, in: inner, baseline: inner.bottom - 6)
        }
    }

    private func drawValue(
        _ number: Headline, _ canvas: Canvas, in inner: Rect, baseline: Double
    ) throws(PictureError) {
        let unitFont = Font(32, .medium)
        let unitWidth =
            number.unit.isEmpty ? 0 : try canvas.extent(number.unit, unitFont).width + 12
        let value = try canvas.fitted(
            number.value, Font(80, .bold), width: max(60, inner.width - unitWidth), least: 44)
        let x = inner.x - 3
        try canvas.text(value.text, at: Point(x, baseline), value.font, theme.text)
        guard unitWidth > 0 else { return }
        let start = x + (try canvas.extent(value.text, value.font).width) + 12
        let unit = try canvas.fitted(number.unit, unitFont, width: inner.right - start, least: 24)
        try canvas.text(unit.text, at: Point(start, baseline), unit.font, theme.quiet)
    }

    private func drawRemark(
        _ number: Headline, _ canvas: Canvas, in inner: Rect, baseline: Double
    ) throws(PictureError) {
        guard !number.remark.isEmpty else { return }
        let color =
            switch number.tone {
            case .neutral: theme.quiet
            case .good: theme.good
            case .watch: theme.watch
            }
        // A shape for each tone, so that colour is not needed to tell them apart.
        let middle = Point(inner.x + 11, baseline - 10)
        switch number.tone {
        case .neutral: canvas.stroke(.circle(middle, radius: 8), color, width: 3)
        case .good:
            canvas.stroke(
                .polyline([
                    Point(middle.x - 10, middle.y), Point(middle.x - 3, middle.y + 8),
                    Point(middle.x + 11, middle.y - 8),
                ]), color, width: 5)
        case .watch:
            canvas.fill(
                .polygon([
                    Point(middle.x, middle.y - 11), Point(middle.x + 12, middle.y + 10),
                    Point(middle.x - 12, middle.y + 10),
                ]), color)
        }
        let remark = try canvas.fitted(
            number.remark, Font(28, .medium), width: inner.width - 34, least: 23)
        try canvas.text(remark.text, at: Point(inner.x + 34, baseline), remark.font, color)
    }
}
