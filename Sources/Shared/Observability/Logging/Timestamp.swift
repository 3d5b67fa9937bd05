import Foundation

/// A moment of the wall clock with the precision that logs show.
package struct Timestamp: Equatable, Sendable {
    /// Milliseconds since 1970-01-01T00:00:00Z; negative before it.
    package let millisecondsSinceEpoch: Int64

    package init(millisecondsSinceEpoch: Int64) {
        self.millisecondsSinceEpoch = millisecondsSinceEpoch
    }

    /// The system's wall clock now.
    package static func now() -> Timestamp {
        Timestamp(millisecondsSinceEpoch: Int64((Date().timeIntervalSince1970 * 1000).rounded(.down)))
    }

    /// Appends the moment as RFC 3339 in UTC with milliseconds, `2026-11-21T02:50:13.123Z`.
    ///
    /// Dates follow the proleptic Gregorian calendar (days-from-civil arithmetic on a year that
    /// starts in March, so that the leap day is the last of its year).
    func append(to bytes: inout [UInt8]) {
        let day = Self.floorDivide(millisecondsSinceEpoch, by: 86_400_000)
        let millisecondOfDay = millisecondsSinceEpoch - day * 86_400_000
        let marchDay = day + 719_468
        let era = Self.floorDivide(marchDay, by: 146_097)
        let dayOfEra = marchDay - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let dayOfMonth = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)

        Self.append(year, digits: 4, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        Self.append(month, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        Self.append(dayOfMonth, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: "T"))
        Self.append(millisecondOfDay / 3_600_000, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        Self.append(millisecondOfDay / 60_000 % 60, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        Self.append(millisecondOfDay / 1_000 % 60, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: "."))
        Self.append(millisecondOfDay % 1_000, digits: 3, to: &bytes)
        bytes.append(UInt8(ascii: "Z"))
    }

    private static func floorDivide(_ value: Int64, by divisor: Int64) -> Int64 {
        value >= 0 ? value / divisor : -((-value + divisor - 1) / divisor)
    }

    private static func append(_ value: Int64, digits: Int, to bytes: inout [UInt8]) {
        var divisor: Int64 = 1
        for _ in 1..<digits { divisor *= 10 }
        while divisor > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / divisor % 10))
            divisor /= 10
        }
    }
}
