package import CoachDomain
package import CoachStore
package import Foundation
package import Pictures

/// What the pictures of a note and of a trend show, in the words of one person's language; pure.
package struct NoteScenery: Sendable {
    private let book: Phrasebook
    private let settings: SpeakerSettings

    package init(book: Phrasebook, settings: SpeakerSettings) {
        self.book = book
        self.settings = settings
    }

    private var theme: Theme { settings.darkPictures ? .dark : .light }
    private var clock: PersonalClock { PersonalClock(settings) }

    // MARK: One note

    /// - Returns: `nil` for a note of which nothing was kept that could be drawn.
    package func card(of note: CoachedNote) -> CoachCard? {
        guard let contours = note.metrics.contours, let envelope = contours.envelope else { return nil }
        let words = book.card
        let pace = contours.pace
        let isWords = pace?.unit != "syllables/s"
        let band = ReferenceBand.of(
            isWords ? .wordsPerMinute : .speechRate, language: note.transcript.language)
        return CoachCard(
            title: words.title,
            subtitle: clock.day(note.receivedAt) + " · " + PersonalClock.length(contours.seconds),
            headlines: headlines(note), seconds: contours.seconds,
            waveform: envelope.values.map { $0 ?? 0 },
            pauses: note.metrics.pauses.map { pause in
                CoachCard.Mark(
                    start: pause.span.start, end: pause.span.end,
                    label: pause.span.duration >= 1 ? book.written(pause.span.duration, digits: 1) + " s" : ""
                )
            },
            fillers: note.metrics.fillers.map { hit in
                CoachCard.Mark(start: hit.span.start, end: hit.span.end, label: hit.text)
            },
            pace: readings(pace),
            comfortablePace: band.map(\.comfortable), pitch: readings(contours.pitch),
            texts: CoachCard.Texts(
                voice: words.voice, pause: words.pause, filler: words.filler,
                pace: isWords ? words.pace : words.paceSyllables, comfortable: words.comfortable,
                melody: words.melody),
            theme: theme)
    }

    private func readings(_ contour: Contour?) -> [CoachCard.Reading] {
        guard let contour else { return [] }
        return (0..<contour.count).compactMap { point in
            contour[point].map { CoachCard.Reading(time: contour.time(of: point), value: $0) }
        }
    }

    private func headlines(_ note: CoachedNote) -> [CoachCard.Headline] {
        let metrics = note.metrics
        let words = book.card
        let language = note.transcript.language
        var found: [CoachCard.Headline] = []
        if let pace = headline(
            metrics, .wordsPerMinute, language, digits: 0, unit: words.paceUnit, label: words.paceLabel,
            low: words.slow, high: words.fast)
            ?? headline(
                metrics, .speechRate, language, digits: 1, unit: words.pacePerSecondUnit,
                label: words.paceLabel, low: words.slow, high: words.fast)
        {
            found.append(pace)
        }
        if var fillers = headline(
            metrics, .fillersPerMinute, language, digits: 1, unit: words.fillersUnit,
            label: words.fillersLabel, low: "", high: words.many)
        {
            switch metrics.fillerEvidence {
            case .measured: found.append(fillers)
            case .lowerBound:
                fillers.value = words.atLeast.filled(["value": fillers.value])
                // "None heard" by somebody who does not listen for them is no praise.
                if fillers.tone == .good { (fillers.tone, fillers.remark) = (.neutral, "") }
                if (metrics[.fillerCount] ?? 0) > 0 { found.append(fillers) }
            case .notAvailable: break
            }
        }
        if let pitch = headline(
            metrics, .pitchSpreadSemitones, language, digits: 1, unit: words.pitchUnit,
            label: words.pitchLabel, low: words.flat, high: words.lively)
        {
            found.append(pitch)
        }
        if found.count < 3, let count = metrics[.pauseCount] {
            found.append(
                CoachCard.Headline(
                    value: book.written(count, digits: 0), unit: words.pausesUnit, label: words.pausesLabel))
        }
        return found
    }

    private func headline(
        _ metrics: SpeechMetrics, _ name: MeasureName, _ language: String?, digits: Int, unit: String,
        label: String, low: String, high: String
    ) -> CoachCard.Headline? {
        guard let value = metrics[name] else { return nil }
        var headline = CoachCard.Headline(
            value: book.written(value, digits: digits), unit: unit, label: label)
        guard let band = ReferenceBand.of(name, language: language) else { return headline }
        let deviation = band.deviation(of: value)
        headline.tone = deviation == 0 ? .good : abs(deviation) >= 0.5 ? .watch : .neutral
        headline.remark = deviation == 0 ? book.card.comfortable : deviation < 0 ? low : high
        return headline
    }

    private func number(_ value: Double, _ digits: Int) -> String {
        String(format: "%.\(digits)f", value).replacing(".", with: book.decimal)
    }

    // MARK: The trend

    /// - Parameter notes: Newest first.
    /// - Returns: `nil` when there is no line to draw.
    package func progress(_ notes: [PractisedNote], now: Date) -> ProgressPicture? {
        let trend = PracticeTrend(notes: notes, settings: settings, now: now)
        guard trend.points.count >= 2, let latest = trend.points.last else { return nil }
        let words = book.progress
        let title = book.name(of: trend.topic)
        let value = book.value(latest.value, of: trend.measure) ?? ""
        let usual = trend.usual
        let usualText = usual.flatMap { book.value($0.median, of: trend.measure) }
        var tone = CoachCard.Tone.neutral
        if let usual {
            switch FocusComparison.verdict(trend.measure, usual.median, latest.value, language: nil) {
            case .better: tone = .good
            case .worse: tone = .watch
            case .same: break
            }
        }
        return ProgressPicture(
            title: title.prefix(1).uppercased() + title.dropFirst(),
            summary: [
                words.latest.filled(["value": value]),
                usualText.map { words.usual.filled(["value": $0]) } ?? "",
            ].filter { !$0.isEmpty }.joined(separator: " · "),
            tone: tone,
            entries: trend.points.map { point in
                ProgressPicture.Entry(
                    value: point.value, text: book.number(point.value, of: trend.measure),
                    day: clock.day(point.at))
            },
            usual: usual.map { ($0.median - $0.spread)...($0.median + $0.spread) },
            usualText: words.usualRange, direction: direction(of: trend.measure),
            streak: words.streak.filled(["count": "\(trend.streak)"]),
            days: clock.latestDays(14, now: now, practised: notes.map(\.receivedAt)).map { day in
                ProgressPicture.Day(
                    name: words.weekdays.indices.contains(day.weekday) ? words.weekdays[day.weekday] : "",
                    isPractised: day.isPractised, isToday: day.isToday)
            },
            theme: theme)
    }

    private func direction(of measure: MeasureName) -> String {
        switch Direction.of(measure) {
        case .less: book.progress.lessIsBetter
        case .more: book.progress.moreIsBetter
        case .middle: ""
        }
    }
}
