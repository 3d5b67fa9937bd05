extension ProgressPicture {
    private static let margin = 40.0
    private static let gap = 20.0
    private static let newest = 30
    /// No measure comes near; more would only be lost in rounding.
    private static let largest = 1e9
    private static let latestFont = Font(44, .bold)

    func drawn() throws(PictureError) -> [UInt8] {
        let entries = Array(entries.filter { abs($0.value) < Self.largest }.suffix(Self.newest))
        let hasDays = !days.isEmpty || !streak.isEmpty
        let height = 160.0 + 560 + (hasDays ? 190 + Self.gap : 0) + Self.margin
        let canvas = try Canvas(width: Int(CoachCard.width), height: Int(height), ground: theme.ground)
        let width = CoachCard.width - 2 * Self.margin
        try drawHeader(canvas, in: Rect(x: Self.margin, y: 38, width: width, height: 112))
        var y = 160.0
        try drawTrend(entries, canvas, in: Rect(x: Self.margin, y: y, width: width, height: 560))
        y += 560 + Self.gap
        if hasDays {
            try drawDays(canvas, in: Rect(x: Self.margin, y: y, width: width, height: 190))
        }
        return try canvas.png()
    }

    private var toneColor: Color {
        switch tone {
        case .neutral: theme.quiet
        case .good: theme.good
        case .watch: theme.watch
        }
    }

    private func drawHeader(_ canvas: Canvas, in rect: Rect) throws(PictureError) {
        let name = try canvas.fitted(title, Font(46, .bold), width: rect.width - 16, least: 34)
        try canvas.text(name.text, at: Point(rect.x + 8, rect.y + 44), name.font, theme.text)
        let said = try canvas.fitted(summary, Font(34, .medium), width: rect.width - 16, least: 28)
        try canvas.text(said.text, at: Point(rect.x + 8, rect.y + 92), said.font, toneColor)
    }

    private func drawTrend(_ entries: [Entry], _ canvas: Canvas, in rect: Rect) throws(PictureError) {
        canvas.fill(.rectangle(rect, radius: 28), theme.panel)
        let inner = rect.inset(32, 28)
        var legend = inner.right
        let usual = usual.flatMap {
            abs($0.lowerBound) < Self.largest && abs($0.upperBound) < Self.largest ? $0 : nil
        }
        if usual != nil, !usualText.isEmpty {
            legend = try canvas.legend(
                usualText, right: legend, baseline: inner.y + 28, swatch: .area(theme.usual), theme)
        }
        let better = try canvas.fitted(
            direction, Font(28, .medium), width: max(60, legend - inner.x), least: 24)
        try canvas.text(better.text, at: Point(inner.x, inner.y + 28), better.font, theme.quiet)

        let area = Rect(x: inner.x, y: inner.y + 84, width: inner.width, height: inner.height - 144)
        let values = entries.map(\.value) + (usual.map { [$0.lowerBound, $0.upperBound] } ?? [])
        guard let least = values.min(), let most = values.max(), let latest = entries.last else { return }
        let room = most > least ? (most - least) * 0.08 : max(abs(most) * 0.1, 1)
        let scale = ValueScale(range: (least - room)...(most + room), top: area.y, height: area.height)
        if let usual {
            let top = scale.y(usual.upperBound)
            let height = max(4, scale.y(usual.lowerBound) - top)
            canvas.fill(
                .rectangle(Rect(x: area.x, y: top, width: area.width, height: height), radius: 10),
                theme.usual)
        }
        canvas.stroke(
            .line(from: Point(area.x, area.bottom + 12), to: Point(area.right, area.bottom + 12)), theme.grid,
            width: 2)
        // The latest value stands to the right of its dot; a lone dot stands in the middle.
        let bubble = try canvas.extent(latest.text, Self.latestFont).width + 36
        let dots = Rect(x: area.x + 22, y: area.y, width: area.width - 22 - bubble - 52, height: area.height)
        let points = entries.enumerated().map { index, entry in
            let share = entries.count > 1 ? Double(index) / Double(entries.count - 1) : 0.5
            return Point(dots.x + share * dots.width, scale.y(entry.value))
        }
        canvas.stroke(.smooth(points), theme.voice, width: 6)
        for point in points.dropLast() {
            canvas.fill(.circle(point, radius: 9), theme.panel)
            canvas.stroke(.circle(point, radius: 9), theme.voice, width: 5)
        }
        if let first = entries.first, let point = points.first, entries.count > 1 {
            try canvas.text(
                first.text, at: Point(point.x - 10, point.y - 26), Font(30, .semibold), theme.quiet)
        }
        try drawDates(entries, points, canvas, baseline: area.bottom + 50, left: inner.x)
        try drawLatest(latest, at: points[points.count - 1], canvas)
    }

    private func drawLatest(
        _ latest: Entry, at point: Point, _ canvas: Canvas
    ) throws(PictureError) {
        let color = tone == .neutral ? theme.voice : toneColor
        canvas.fill(.circle(point, radius: 20), theme.panel)
        canvas.fill(.circle(point, radius: 15), color)
        guard !latest.text.isEmpty else { return }
        let width = try canvas.extent(latest.text, Self.latestFont).width + 36
        let bubble = Rect(x: point.x + 36, y: point.y - 34, width: width, height: 68)
        canvas.fill(.rectangle(bubble, radius: 18), color)
        canvas.fill(
            .polygon([
                Point(bubble.x + 2, point.y - 12), Point(bubble.x + 2, point.y + 12),
                Point(bubble.x - 12, point.y),
            ]), color)
        try canvas.text(
            latest.text, at: Point(bubble.middle.x, point.y + 16), Self.latestFont, theme.panel,
            anchor: .middle)
    }

    /// From the newest backwards, wherever the one before leaves room.
    private func drawDates(
        _ entries: [Entry], _ points: [Point], _ canvas: Canvas, baseline: Double, left: Double
    ) throws(PictureError) {
        let font = Font(28, .medium)
        var free = CoachCard.width - Self.margin - 24
        var previous: String?
        for (entry, point) in zip(entries, points).reversed() where entry.day != previous {
            let width = try canvas.extent(entry.day, font).width
            let start = max(min(point.x - width / 2, CoachCard.width - Self.margin - 24 - width), left)
            guard start + width <= free else { continue }
            try canvas.text(entry.day, at: Point(start, baseline), font, theme.quiet)
            free = start - 36
            previous = entry.day
        }
    }

    private func drawDays(_ canvas: Canvas, in rect: Rect) throws(PictureError) {
        canvas.fill(.rectangle(rect, radius: 28), theme.panel)
        let inner = rect.inset(32, 28)
        let shown = Array(days.suffix(14))
        let step = min(72, inner.width * 0.62 / Double(max(shown.count, 1)))
        let row = step * Double(shown.count)
        let words = inner.width - row - 24
        for (line, text) in try canvas.wrapped(streak, Font(42, .bold), width: words, lines: 2).enumerated() {
            try canvas.text(
                text, at: Point(inner.x, inner.y + 54 + Double(line) * 52), Font(42, .bold), theme.text)
        }
        let radius = min(24, step / 2 - 4)
        for (index, day) in shown.enumerated() {
            let middle = Point(inner.right - row + (Double(index) + 0.5) * step, inner.y + 44)
            if day.isPractised {
                canvas.fill(.circle(middle, radius: radius), theme.good)
                let size = radius / 24
                canvas.stroke(
                    .polyline([
                        Point(middle.x - 10 * size, middle.y + 1 * size),
                        Point(middle.x - 3 * size, middle.y + 8 * size),
                        Point(middle.x + 11 * size, middle.y - 8 * size),
                    ]), theme.panel, width: 5 * size)
            } else {
                canvas.stroke(.circle(middle, radius: radius - 2), theme.grid, width: 4)
            }
            if day.isToday {
                canvas.stroke(.circle(middle, radius: radius + 6), theme.voice, width: 4)
            }
            let name = try canvas.fitted(day.name, Font(26, .medium), width: step, least: 18)
            try canvas.text(
                name.text, at: Point(middle.x, inner.y + 118), name.font,
                day.isToday ? theme.text : theme.quiet, anchor: .middle)
        }
    }
}
