import CoachDomain
import Foundation

/// Days and hours as one person's clock shows them; UTC until the person has told.
struct PersonalClock: Sendable {
    /// A day of the calendar.
    struct Day: Hashable, Sendable {
        /// 0 is Monday.
        var weekday: Int
        var isPractised: Bool
        var isToday: Bool
    }

    private let offset: Int

    init(_ settings: SpeakerSettings) { offset = (settings.utcOffsetMinutes ?? 0) * 60 }

    /// Days since 1 January 1970.
    func number(of date: Date) -> Int {
        Int(((date.timeIntervalSince1970 + Double(offset)) / 86_400).rounded(.down))
    }

    /// Days in a row with practice, up to today or yesterday: a day that is not over does not break a streak.
    func streak(_ practised: [Date], now: Date) -> Int {
        let days = Set(practised.map(number))
        var current = days.contains(number(of: now)) ? number(of: now) : number(of: now) - 1
        var length = 0
        while days.contains(current) {
            length += 1
            current -= 1
        }
        return length
    }

    /// The latest days up to today, oldest first.
    func latestDays(_ count: Int, now: Date, practised: [Date]) -> [Day] {
        let days = Set(practised.map(number))
        let today = number(of: now)
        return (today - count + 1...today).map { day in
            // 1 January 1970 was a Thursday.
            Day(weekday: ((day + 3) % 7 + 7) % 7, isPractised: days.contains(day), isToday: day == today)
        }
    }

    /// `21.11.`: figures are read alike in all languages of the product.
    func day(_ date: Date) -> String {
        let parts = parts(of: date)
        return String(format: "%02d.%02d.", parts.day ?? 0, parts.month ?? 0)
    }

    /// `21.11. 14:05`
    func minute(_ date: Date) -> String {
        let parts = parts(of: date)
        return day(date) + String(format: " %02d:%02d", parts.hour ?? 0, parts.minute ?? 0)
    }

    /// `1:05` for 65 s.
    static func length(_ seconds: Double) -> String {
        let whole = max(0, Int(min(seconds, 1e9).rounded()))
        return "\(whole / 60):" + String(format: "%02d", whole % 60)
    }

    private func parts(of date: Date) -> DateComponents {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(secondsFromGMT: offset) ?? .gmt
        return calendar.dateComponents([.day, .month, .hour, .minute], from: date)
    }
}
