extension CoachCard {
    // MARK: The voice with its pauses and fillers

    func drawVoice(
        _ canvas: Canvas, in rect: Rect, _ time: TimeScale, _ ticks: [Double]
    ) throws(PictureError) {
        let inner = rect.inset(32, 24)
        var legend = inner.right
        canvas.fill(.rectangle(rect, radius: 28), theme.panel)
        if !fillers.isEmpty {
            legend = try canvas.legend(
                texts.filler, right: legend, baseline: inner.y + 30, swatch: .drop(theme.watch), theme)
        }
        if !pauses.isEmpty {
            legend = try canvas.legend(
                texts.pause, right: legend, baseline: inner.y + 30, swatch: .area(theme.pause), theme)
        }
        let title = try canvas.fitted(
            texts.voice, Font(32, .semibold), width: max(80, legend - inner.x), least: 26)
        try canvas.text(title.text, at: Point(inner.x, inner.y + 30), title.font, theme.text)

        // Fillers stand over the waveform, with their words.
        // Below it the lengths of pauses.
        let area = Rect(x: time.left, y: inner.y + 96, width: time.width, height: inner.height - 124)
        canvas.grid(time, ticks: ticks, in: area, theme)
        try drawPauses(canvas, in: area, time)
        drawBars(canvas, in: area, time)
        var free = area.x - 40
        for mark in fillers {
            let x = time.x((mark.start + mark.end) / 2)
            canvas.fill(.circle(Point(x, area.y - 10), radius: 9), theme.watch)
            let font = Font(26, .semibold)
            let width = try canvas.extent(mark.label, font).width
            let left = min(max(x - width / 2, inner.x), inner.right - width)
            guard !mark.label.isEmpty, left > free + 10 else { continue }
            try canvas.text(mark.label, at: Point(left, area.y - 26), font, theme.watch)
            free = left + width
        }
    }

    private func drawPauses(_ canvas: Canvas, in area: Rect, _ time: TimeScale) throws(PictureError) {
        let font = Font(26, .medium)
        var taken: [ClosedRange<Double>] = []
        // The longest has the first claim to a label.
        for pause in pauses.sorted(by: { $0.end - $0.start > $1.end - $1.start }) {
            let left = time.x(pause.start)
            let box = Rect(
                x: left, y: area.y, width: max(time.x(pause.end) - left, 2), height: area.height)
            canvas.fill(.rectangle(box, radius: 6), theme.pause)
            guard !pause.label.isEmpty else { continue }
            let half = try canvas.extent(pause.label, font).width / 2
            let middle = min(max(box.middle.x, area.x + half), area.right - half)
            let room = (middle - half - 10)...(middle + half + 10)
            guard !taken.contains(where: { $0.overlaps(room) }) else { continue }
            taken.append(room)
            try canvas.text(
                pause.label, at: Point(middle, area.bottom + 30), font, theme.quiet, anchor: .middle)
        }
    }

    private func drawBars(_ canvas: Canvas, in area: Rect, _ time: TimeScale) {
        let levels = waveform
        guard let loudest = levels.max(), loudest > 0 else { return }
        let count = Int(area.width / 8)
        let step = area.width / Double(count)
        for bar in 0..<count {
            // The loudest of what a bar stands for, so that short notes and long ones look alike.
            let low = bar * levels.count / count
            let high = max(low + 1, (bar + 1) * levels.count / count)
            let level = (levels[min(low, levels.count - 1)..<min(high, levels.count)].max() ?? 0) / loudest
            let height = max(5, area.height * level)
            let x = area.x + (Double(bar) + 0.5) * step
            let instant = (Double(bar) + 0.5) / Double(count) * seconds
            let half = step / area.width * seconds / 2
            let isFiller = fillers.contains { $0.start - half <= instant && instant <= $0.end + half }
            let isPause = pauses.contains { $0.start <= instant && instant < $0.end }
            let color =
                if isFiller { theme.watch } else if isPause {
                    theme.voice.opacity(0.4).over(theme.pause)
                } else {
                    theme.voice
                }
            canvas.fill(
                .rectangle(
                    Rect(x: x - 2.5, y: area.middle.y - height / 2, width: 5, height: height), radius: 2.5),
                color)
        }
    }

    // MARK: Pace

    func drawPace(
        _ canvas: Canvas, in rect: Rect, _ time: TimeScale, _ ticks: [Double]
    ) throws(PictureError) {
        let band = comfortablePace
        var titleWidth = rect.width - 64
        if band != nil {
            // The panel is drawn over it again, but knows then how much room its title has.
            titleWidth -= try canvas.extent(texts.comfortable, Font(28, .medium)).width + 90
        }
        let inner = try canvas.panel(rect, title: texts.pace, titleWidth: titleWidth, theme)
        if band != nil {
            _ = try canvas.legend(
                texts.comfortable, right: inner.right, baseline: inner.y - 26, swatch: .area(theme.band),
                theme)
        }
        let area = Rect(x: time.left, y: inner.y + 4, width: time.width, height: inner.height - 12)
        let values = pace.map(\.value) + (band.map { [$0.lowerBound, $0.upperBound] } ?? [])
        guard let least = values.min(), let most = values.max() else { return }
        let room = max((most - least) * 0.12, 5)
        let scale = ValueScale(range: (least - room)...(most + room), top: area.y, height: area.height)
        if let band {
            let (top, bottom) = (scale.y(band.upperBound), scale.y(band.lowerBound))
            canvas.fill(
                .rectangle(Rect(x: area.x, y: top, width: area.width, height: bottom - top), radius: 6),
                theme.band)
            try canvas.label(Self.whole(band.upperBound), right: inner.right, y: top, theme.quiet)
            if bottom - top > 34 {
                try canvas.label(Self.whole(band.lowerBound), right: inner.right, y: bottom, theme.quiet)
            }
        } else {
            try canvas.label(Self.whole(most), right: inner.right, y: scale.y(most), theme.quiet)
            try canvas.label(Self.whole(least), right: inner.right, y: scale.y(least), theme.quiet)
        }
        canvas.grid(time, ticks: ticks, in: area, theme)
        let points = thinned(pace, time).map { Point(time.x($0.time), scale.y($0.value)) }
        let line = Path.smooth(points)
        guard let band else { return canvas.stroke(line, theme.voice, width: 6) }
        // Outside the band the line changes its colour.
        canvas.stroke(line, theme.watch, width: 6)
        let inside = Rect(
            x: area.x - 10, y: scale.y(band.upperBound), width: area.width + 20,
            height: scale.y(band.lowerBound) - scale.y(band.upperBound))
        try canvas.clipped(to: .rectangle(inside)) { canvas.stroke(line, theme.good, width: 6) }
    }

    // MARK: Melody

    func drawMelody(
        _ canvas: Canvas, in rect: Rect, _ time: TimeScale, _ ticks: [Double]
    ) throws(PictureError) {
        let inner = try canvas.panel(rect, title: texts.melody, theme)
        let area = Rect(x: time.left, y: inner.y, width: time.width, height: inner.height - 8)
        // An octave to both sides holds any voice; less would make a flat voice look lively.
        let farthest = pitch.map { abs($0.value) }.max() ?? 0
        let reach = min(max(6, (farthest / 2).rounded(.up) * 2), 12)
        let scale = ValueScale(range: -(reach + 0.5)...(reach + 0.5), top: area.y, height: area.height)
        canvas.grid(time, ticks: ticks, in: area, theme)
        for (value, label) in [(reach, "+\(Int(reach))"), (0, "0"), (-reach, "−\(Int(reach))")] {
            let y = scale.y(value)
            canvas.stroke(
                .line(from: Point(area.x, y), to: Point(area.right, y)), theme.grid, width: value == 0 ? 3 : 2
            )
            try canvas.label(label, right: inner.right, y: y, theme.quiet)
        }
        if seconds > Self.longestContour, Double(pitch.count) > time.width {
            return drawRanges(canvas, time, scale)
        }
        for stretch in stretches(thinned(pitch, time), time) {
            let points = stretch.map { Point(time.x($0.time), scale.y($0.value)) }
            if points.count == 1 {
                canvas.fill(.circle(points[0], radius: 2.5), theme.melody)
            } else {
                canvas.stroke(.polyline(points), theme.melody, width: 5)
            }
        }
    }

    /// Beyond this many seconds single syllables cannot be told apart any more.
    private static let longestContour = 120.0

    /// For long notes: how far the voice moved in each stretch, from the 10th to the 90th part of a hundred.
    private func drawRanges(_ canvas: Canvas, _ time: TimeScale, _ scale: ValueScale) {
        let columns = Int(time.width / 8)
        let step = time.width / Double(columns)
        var groups = [[Double]](repeating: [], count: columns)
        for reading in pitch {
            groups[min(columns - 1, Int((time.x(reading.time) - time.left) / step))].append(reading.value)
        }
        for (column, group) in groups.enumerated() where group.count > 4 {
            let values = group.sorted()
            let top = scale.y(values[values.count * 9 / 10])
            let bottom = max(scale.y(values[values.count / 10]), top + 5)
            let x = time.left + (Double(column) + 0.5) * step
            canvas.fill(
                .rectangle(Rect(x: x - 2.5, y: top, width: 5, height: bottom - top), radius: 2.5),
                theme.melody)
        }
    }

    /// At most one reading per two pixels: the median of those that fall together.
    private func thinned(_ readings: [Reading], _ time: TimeScale) -> [Reading] {
        var result: [Reading] = []
        var group: [Reading] = []
        func close() {
            guard !group.isEmpty else { return }
            let values = group.map(\.value).sorted()
            result.append(
                Reading(
                    time: group.reduce(0) { $0 + $1.time } / Double(group.count),
                    value: values[values.count / 2]))
            group = []
        }
        for reading in readings {
            if let first = group.first, time.x(reading.time) - time.x(first.time) >= 2 { close() }
            group.append(reading)
        }
        close()
        return result
    }

    /// Readings without a gap between them, as told by their usual distance, and without a leap of the voice.
    private func stretches(_ readings: [Reading], _ time: TimeScale) -> [[Reading]] {
        let distances = zip(readings.dropFirst(), readings).map { $0.time - $1.time }.sorted()
        let usual = distances.isEmpty ? 0 : distances[distances.count / 4]
        let longest = max(1.6 * usual, 4 / time.width * time.seconds)
        var result: [[Reading]] = []
        for reading in readings {
            if let last = result.last?.last, reading.time - last.time <= longest,
                abs(reading.value - last.value) < 4 + 20 * (reading.time - last.time)
            {
                result[result.count - 1].append(reading)
            } else {
                result.append([reading])
            }
        }
        return result
    }

    private static func whole(_ value: Double) -> String { "\(Int(value.rounded()))" }
}
