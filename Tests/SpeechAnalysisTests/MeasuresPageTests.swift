import CoachDomain
import Foundation
import Testing

@testable import SpeechAnalysis

/// `docs/measures.md` against the code.
@Suite struct MeasuresPageTests {
    private static let page = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../docs/measures.md").standardizedFileURL
    private static let bandsMark = "<!-- bands -->\n"
    private static let bandsEnd = "<!-- end of bands -->"

    private struct Row {
        var formula: String
        var unit: String
        var definition: String
        var source: String
        var limits: String
    }

    /// Rows of six columns whose first one is a name in code quotes.
    private func rows() throws -> [String: Row] {
        var rows: [String: Row] = [:]
        for line in try String(contentsOf: Self.page, encoding: .utf8).split(separator: "\n") {
            let cells = line.split(separator: "|", omittingEmptySubsequences: false)
                .map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 8, let name = cells[1].wholeMatch(of: /`(\w+)`/)?.output.1 else { continue }
            #expect(rows[String(name)] == nil, "\(name) has two rows")
            rows[String(name)] = Row(
                formula: cells[2], unit: cells[3], definition: cells[4], source: cells[5], limits: cells[6])
        }
        return rows
    }

    @Test(arguments: MeasureName.allCases)
    func `a measure has formula, unit, definition, source and limits`(name: MeasureName) throws {
        let row = try #require(try rows()[name.rawValue], "\(name.rawValue) has no row in docs/measures.md")
        let measure = try #require(FullNote.metrics.measures[name])
        #expect(!row.formula.isEmpty && !row.source.isEmpty && !row.limits.isEmpty)
        #expect(row.unit == measure.unit)
        #expect(row.definition.contains("`\(measure.definition)`"), "\(measure.definition)")
    }

    @Test func `the page has no row for a measure that is gone`() throws {
        for name in try rows().keys { #expect(MeasureName(rawValue: name) != nil, "\(name)") }
    }

    /// Set `SPEECHCOACH_WRITE_DOCS=1` to write the bands instead of comparing them.
    @Test func `the reference bands on the page are those of the code`() throws {
        var text = try String(contentsOf: Self.page, encoding: .utf8)
        let mark = try #require(text.range(of: Self.bandsMark))
        let end = try #require(text.range(of: Self.bandsEnd))
        if ProcessInfo.processInfo.environment["SPEECHCOACH_WRITE_DOCS"] == "1" {
            text.replaceSubrange(mark.upperBound..<end.lowerBound, with: Self.bands)
            try Data(text.utf8).write(to: Self.page)
        } else {
            #expect(text[mark.upperBound..<end.lowerBound] == Self.bands)
        }
    }

    private static var bands: String {
        let rows = ReferenceBand.all(language: "en").map { band in
            "| `\(band.measure.rawValue)` | \(zone(band.comfortable)) | \(zone(band.tolerated))"
                + " | \(band.basis.rawValue) |\n"
        }
        return "\n| measure | comfortable | tolerated | basis |\n|---|---|---|---|\n" + rows.joined() + "\n"
    }

    private static func zone(_ range: ClosedRange<Double>) -> String {
        let low = range.lowerBound.formatted(.number.locale(Locale(identifier: "en_US_POSIX")))
        guard range.upperBound.isFinite else { return "from \(low)" }
        return low + "–" + range.upperBound.formatted(.number.locale(Locale(identifier: "en_US_POSIX")))
    }
}
