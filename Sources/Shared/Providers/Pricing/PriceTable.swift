import CoachDomain
package import Foundation

/// What calls cost, in integers, with the dates from which each price holds.
///
/// Read from `prices.json`. A model that is not listed costs the ceiling of its operation, never nothing:
/// a budget must not be blind to a new model.
package struct PriceTable: Hashable, Sendable {
    /// A cost that will not change any more.
    package struct Cost: Hashable, Sendable {
        package var microUSD: Int64
        package var priceVersion: String
    }

    struct Entry: Hashable, Sendable, Codable {
        struct Band: Hashable, Sendable, Codable {
            var abovePromptTokens: Int
            /// Of the usual prices, all of them.
            var percent: Int64?
            /// Instead of the usual prices, where they do not rise alike.
            var microUSDPerMillion: [String: Int64]?
        }

        var provider: String
        /// A dated release (`model-2026-09-01`) costs the same; `*` is every model of the provider.
        var model: String
        var operation: String
        /// Days as `2026-11-20`; `until` is the first day on which the price no longer holds.
        var from: String
        var until: String?
        /// Micro-USD for a million units.
        var microUSDPerMillion: [String: Int64]
        /// Audio is billed as at least this long.
        var minimumAudioSeconds: Double?
        var bands: [Band]?
    }

    /// The day on which a vendor takes a model away.
    package struct Retirement: Hashable, Sendable, Codable {
        var provider: String
        var model: String
        /// As `2027-02-26`; the last day is the one before.
        package var on: String
        package var successor: String?

        /// The beginning of that day in UTC; `nil` when it is no date.
        package var date: Date? {
            try? Date(on, strategy: Date.ISO8601FormatStyle().year().month().day())
        }
    }

    private struct Document: Codable {
        var version: String
        var retirements: [Retirement]?
        var ceilings: [String: [String: Int64]]
        var entries: [Entry]
    }

    /// The version that the list calls itself, and a digest of its text: two lists never share one.
    package let version: String
    /// The list itself, as it was read.
    package let document: [UInt8]
    private let ceilings: [String: [String: Int64]]
    private let entries: [Entry]
    private let retirements: [Retirement]

    /// - Parameter json: In the form of `prices.json`.
    package init(json: some Sequence<UInt8>) throws {
        self.document = Array(json)
        let document = try JSONDecoder().decode(Document.self, from: Data(self.document))
        version = document.version + "+" + Self.digest(self.document)
        ceilings = document.ceilings
        entries = document.entries
        retirements = document.retirements ?? []
    }

    /// When the model goes, if its vendor has announced that.
    package func retirement(of key: ProviderKey) -> Retirement? {
        retirements.first { $0.provider == key.provider && Self.isSame(key.model, as: $0.model) }
    }

    /// The cost of a call.
    ///
    /// - Parameters:
    ///   - usage: Unknown quantities cost nothing, so callers estimate them first.
    ///   - date: When the call was made.
    package func cost(of key: ProviderKey, usage: ProviderUsage, at date: Date) -> Cost {
        let entry = entry(for: key, on: Self.day(date))
        let prompt = Double(usage.inputTokens ?? 0)
        let band = entry?.bands?.filter { Double($0.abovePromptTokens) < prompt }
            .max { $0.abovePromptTokens < $1.abovePromptTokens }
        guard
            let prices = band?.microUSDPerMillion ?? entry?.microUSDPerMillion
                ?? ceilings[key.operation.rawValue]
        else {
            return Cost(microUSD: 0, priceVersion: version)
        }
        var units = usage.units
        if let seconds = units["audio_second"], let minimum = entry?.minimumAudioSeconds {
            units["audio_second"] = max(seconds, minimum)
        }
        if let cached = units["cached_input_token"], prices["cached_input_token"] != nil {
            units["input_token"] = max(0, (units["input_token"] ?? cached) - cached)
        }
        let percent = band?.percent ?? 100
        // Thousandths of a unit keep the sum in integers; a part of a micro-USD is rounded up.
        let total = units.reduce(into: Int128(0)) { sum, unit in
            guard let price = prices[unit.key], unit.value.isFinite, unit.value > 0 else { return }
            sum += Int128((min(unit.value, 1e12) * 1_000).rounded(.up)) * Int128(price)
        }
        let cost = (total * Int128(percent) + 99_999_999_999) / 100_000_000_000
        return Cost(microUSD: Int64(clamping: cost), priceVersion: version)
    }

    private func entry(for key: ProviderKey, on day: String) -> Entry? {
        entries.filter { entry in
            entry.provider == key.provider && entry.operation == key.operation.rawValue && entry.from <= day
                && (entry.until.map { day < $0 } ?? true)
                && Self.isSame(key.model, as: entry.model)
        }
        .max { ($0.model.utf8.count, $0.from) < ($1.model.utf8.count, $1.from) }
    }

    /// Whether the model is the listed one or a dated release of it.
    private static func isSame(_ model: String, as listed: String) -> Bool {
        guard listed != "*", model != listed else { return true }
        guard model.hasPrefix(listed + "-") else { return false }
        let suffix = model.dropFirst(listed.count + 1)
        return suffix == "latest" || (!suffix.isEmpty && suffix.allSatisfy { $0.isNumber || $0 == "-" })
    }

    /// FNV-1a, 32 bits in hexadecimal: against mistakes, not against malice.
    private static func digest(_ bytes: [UInt8]) -> String {
        let hash = bytes.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }
        let text = String(hash, radix: 16)
        return String(repeating: "0", count: 8 - text.count) + text
    }

    private static func day(_ date: Date) -> String {
        date.formatted(Date.ISO8601FormatStyle().year().month().day())
    }
}

extension PriceTable {
    /// The prices that come with this version of the program.
    package static func bundled() throws -> PriceTable { try PriceTable(json: PackageResources.prices_json) }
}
