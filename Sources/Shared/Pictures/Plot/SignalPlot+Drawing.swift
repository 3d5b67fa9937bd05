import Foundation

extension SignalPlot {
    func drawn() throws(PictureError) -> [UInt8] {
        let canvas = try Canvas(width: 1_600, height: 1_040, ground: theme.ground)
        let name = try canvas.fitted(title, Font(40, .bold), width: 1_500, least: 28)
        try canvas.text(name.text, at: Point(50, 74), name.font, theme.text)
        let figures = try canvas.fitted(caption, Font(28, .medium), width: 1_500, least: 20)
        try canvas.text(figures.text, at: Point(50, 118), figures.font, theme.quiet)
        let time = TimeScale(seconds: seconds, left: 72, width: 1_600 - 72 - 170)
        let ticks = time.ticks(limit: 13)
        try drawWaveform(canvas, in: Rect(x: 40, y: 146, width: 1_520, height: 470), time, ticks)
        try drawPitch(canvas, in: Rect(x: 40, y: 636, width: 1_520, height: 330), time, ticks)
        for tick in ticks {
            try canvas.text(
                time.label(tick), at: Point(time.x(tick), 1_008), Font(26, .medium), theme.quiet,
                anchor: tick == 0 ? .left : .middle)
        }
        return try canvas.png()
    }

    private func drawWaveform(
        _ canvas: Canvas, in rect: Rect, _ time: TimeScale, _ ticks: [Double]
    ) throws(PictureError) {
        let inner = try canvas.panel(rect, title: "Waveform", titleWidth: 400, theme)
        var legend = try canvas.legend(
            "cut out", right: inner.right, baseline: inner.y - 26, swatch: .area(theme.cut), theme)
        legend = try canvas.legend(
            "kept", right: legend, baseline: inner.y - 26, swatch: .area(theme.usual), theme)
        _ = try canvas.legend(
            "speech", right: legend, baseline: inner.y - 26, swatch: .area(theme.good), theme)
        let area = Rect(x: time.left, y: inner.y, width: time.width, height: inner.height - 40)
        canvas.fill(.rectangle(area), theme.cut)
        fill(kept, canvas, in: area, time, theme.usual)
        canvas.grid(time, ticks: ticks, in: area, theme)
        let strip = Rect(x: area.x, y: area.bottom + 14, width: area.width, height: 16)
        canvas.fill(.rectangle(strip, radius: 6), theme.grid)
        fill(speech, canvas, in: strip, time, theme.good)

        // Amplitudes up to the loudest moment, the same upwards and downwards.
        let amplitudes = condensed(levels, time).map { level in
            level.flatMap { $0.max() }.map(Self.amplitude) ?? 0
        }
        let loudest = max(amplitudes.max() ?? 0, 1e-6)
        let half = area.height / 2 - 6
        var outline = amplitudes.enumerated().map { column, amplitude in
            Point(area.x + Double(column) + 0.5, area.middle.y - max(1, half * amplitude / loudest))
        }
        outline += outline.reversed().map { Point($0.x, 2 * area.middle.y - $0.y) }
        canvas.fill(.polygon(outline), theme.voice)
        let top = levels.max().map { "\(Int($0.rounded())) dB" } ?? ""
        try canvas.label(top, right: inner.right, y: area.y + 12, theme.quiet)
    }

    private func drawPitch(
        _ canvas: Canvas, in rect: Rect, _ time: TimeScale, _ ticks: [Double]
    ) throws(PictureError) {
        let inner = try canvas.panel(rect, title: "Pitch, Hz", theme)
        let area = Rect(x: time.left, y: inner.y, width: time.width, height: inner.height - 4)
        canvas.grid(time, ticks: ticks, in: area, theme)
        let voiced = pitch.filter { $0 > 0 && $0.isFinite }.sorted()
        guard let least = voiced.first, let most = voiced.last else {
            return try canvas.text(
                "no voice found", at: area.middle, Font(28, .medium), theme.quiet, anchor: .middle)
        }
        // Octaves are equally far apart.
        let low = max(40, least * 0.9)
        let scale = ValueScale(
            range: Self.octaves(low)...Self.octaves(max(most * 1.1, low * 1.5)), top: area.y,
            height: area.height)
        for mark in [50.0, 75, 100, 150, 200, 300, 400, 600] where mark >= low && mark <= most * 1.1 {
            let y = scale.y(Self.octaves(mark))
            canvas.stroke(.line(from: Point(area.x, y), to: Point(area.right, y)), theme.grid, width: 2)
            try canvas.label("\(Int(mark))", right: inner.right, y: y, theme.quiet)
        }
        for (column, values) in condensed(pitch, time).enumerated() {
            let heard = (values ?? []).filter { $0 > 0 && $0.isFinite }.sorted()
            guard let first = heard.first, let last = heard.last else { continue }
            let x = area.x + Double(column) + 0.5
            canvas.stroke(
                .line(
                    from: Point(x, scale.y(Self.octaves(first))), to: Point(x, scale.y(Self.octaves(last)))),
                theme.melody, width: 4)
        }
    }

    private func fill(
        _ stretches: [Stretch], _ canvas: Canvas, in area: Rect, _ time: TimeScale, _ color: Color
    ) {
        for stretch in stretches where stretch.end > stretch.start {
            let left = time.x(stretch.start)
            let width = max(1, time.x(stretch.end) - left)
            canvas.fill(
                .rectangle(Rect(x: left, y: area.y, width: width, height: area.height)), color)
        }
    }

    /// The values behind each column of pixels; the nearest one where they are fewer than columns.
    private func condensed(_ values: [Double], _ time: TimeScale) -> [ArraySlice<Double>?] {
        let columns = Int(time.width)
        return (0..<columns).map { column in
            guard !values.isEmpty else { return nil }
            let low = column * values.count / columns
            let high = max(low + 1, (column + 1) * values.count / columns)
            return values[low..<min(high, values.count)]
        }
    }

    private static func amplitude(decibels: Double) -> Double {
        decibels.isFinite ? pow(10, decibels / 20) : 0
    }

    private static func octaves(_ hertz: Double) -> Double { log2(hertz) }
}
