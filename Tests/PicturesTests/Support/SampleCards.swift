import Foundation
import Pictures

/// Cards as a speaker gets them, with the same made-up note on every run.
enum SampleCards {
    static let english = CoachCard.Texts(
        voice: "Your voice", pause: "pause", filler: "filler", pace: "Pace, words per minute",
        comfortable: "comfortable", melody: "Melody, semitones")
    static let russian = CoachCard.Texts(
        voice: "Ваш голос", pause: "пауза", filler: "слово-паразит", pace: "Темп, слов в минуту",
        comfortable: "комфортно", melody: "Мелодика, полутоны")

    static func card(seconds: Double = 42, theme: Theme = .light) -> CoachCard {
        let scale = seconds / 42
        let pauses = [(4.2, 5.1), (9.8, 10.3), (15.0, 17.1), (24.4, 25.0), (33.2, 34.6)].map { start, end in
            CoachCard.Mark(
                start: start * scale, end: end * scale,
                label: String(format: "%.1f s", (end - start) * scale))
        }
        let fillers = [(6.1, 6.4, "um"), (13.2, 13.6, "uh"), (14.0, 14.3, "um"), (28.0, 28.5, "you know")]
            .map { CoachCard.Mark(start: $0.0 * scale, end: $0.1 * scale, label: $0.2) }
        let isSilent = { (instant: Double) in
            pauses.contains { $0.start <= instant && instant < $0.end }
        }
        let waveform = (0..<600).map { index -> Double in
            let instant = (Double(index) + 0.5) / 600 * seconds
            guard !isSilent(instant) else { return 0.02 }
            let syllable = 0.6 + 0.4 * sin(instant * 23.2 + 3 * sin(instant))
            return syllable * (0.7 + 0.3 * sin(instant / 5))
        }
        let pitch = (0..<Int(seconds * 100)).compactMap { index -> CoachCard.Reading? in
            let instant = Double(index) / 100
            guard !isSilent(instant), sin(instant * 11.9 + 4 * sin(instant * 0.7)) > -0.5 else { return nil }
            let phrase = instant.truncatingRemainder(dividingBy: 3.1)
            return CoachCard.Reading(time: instant, value: 4 - 2.6 * phrase + 2 * sin(instant * 5))
        }
        let pace = stride(from: seconds / 20, to: seconds, by: seconds / 20).map { instant in
            CoachCard.Reading(time: instant, value: 148 + 40 * sin(instant / scale / 5))
        }
        return CoachCard(
            title: "Your note", subtitle: "21 Nov · 0:42",
            headlines: [
                .init(value: "152", unit: "wpm", label: "Pace", remark: "comfortable", tone: .good),
                .init(value: "7.1", unit: "/ min", label: "Fillers", remark: "9.4 last time", tone: .watch),
                .init(value: "3.2", unit: "st", label: "Melody", remark: "your usual 3.0"),
            ], seconds: seconds, waveform: waveform, pauses: pauses, fillers: fillers, pace: pace,
            comfortablePace: 130...170, pitch: pitch, texts: english, theme: theme)
    }

    static var inRussian: CoachCard {
        var card = card(theme: .dark)
        card.title = "Ваша запись"
        card.subtitle = "21 ноя · 0:42"
        card.texts = russian
        card.headlines = [
            .init(value: "152", unit: "сл/мин", label: "Темп", remark: "комфортно", tone: .good),
            .init(
                value: "7,1", unit: "в мин", label: "Слова-паразиты", remark: "в прошлый раз 9,4",
                tone: .watch),
            .init(value: "3,2", unit: "пт", label: "Мелодика", remark: "ваша норма 3,0"),
        ]
        return card
    }

    /// A recogniser without word times, a speaker without fillers.
    static var sparse: CoachCard {
        var card = card(seconds: 7)
        card.headlines.removeLast()
        card.fillers = []
        card.pace = []
        return card
    }

    /// Drawn from 200 points of melody, as they are kept for a note.
    static var fromContours: CoachCard {
        var card = card(seconds: 100)
        let step = card.seconds / 200
        card.pitch = (0..<200).compactMap { index in
            let time = (Double(index) + 0.5) * step
            guard !card.pauses.contains(where: { $0.start <= time && time < $0.end }) else { return nil }
            return CoachCard.Reading(time: time, value: 4 * sin(time / 2) + 2 * sin(time * 1.7))
        }
        return card
    }

    static func progress(entries count: Int = 12, theme: Theme = .light) -> ProgressPicture {
        let values = [9.4, 8.1, 8.8, 7.0, 7.9, 6.2, 6.6, 5.1, 5.8, 4.4, 4.9, 3.1]
        let names = ["Su", "Mo", "Tu", "We", "Th", "Fr", "Sa"]
        return ProgressPicture(
            title: "Fillers per minute", summary: "3.1 in your last note, usually 5.4", tone: .good,
            entries: (0..<count).map { index in
                let value = values[index % values.count]
                return .init(value: value, text: String(format: "%.1f", value), day: "\(index % 28 + 1) Nov")
            }, usual: count > 2 ? 4.9...8 : nil, usualText: "your usual range",
            direction: "↓ less is better", streak: "4 days in a row",
            days: names.enumerated().map { index, name in
                .init(name: name, isPractised: index > 2, isToday: index == 6)
            }, theme: theme)
    }
}
