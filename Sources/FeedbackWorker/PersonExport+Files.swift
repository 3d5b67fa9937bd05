import CoachDomain
import CoachStore
import Foundation

extension PersonExport {
    /// The whole as one document, times in ISO 8601.
    func json() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        return [UInt8](try encoder.encode(self))
    }

    /// The numbers as a table, a line a note (RFC 4180); what is not known stays empty.
    func csv() -> [UInt8] {
        let measures = MeasureName.allCases
        var lines = [
            (["note", "receivedAt", "seconds", "language"] + measures.map(\.rawValue)).joined(separator: ",")
        ]
        for note in notes {
            let fields =
                [
                    "\(note.id)", note.receivedAt.formatted(.iso8601),
                    note.audio.map { "\($0.originalSeconds)" } ?? "", note.language ?? "",
                ] + measures.map { name in note.metrics?[name].map { "\($0)" } ?? "" }
            lines.append(fields.map(Self.escaped).joined(separator: ","))
        }
        return [UInt8]((lines.joined(separator: "\r\n") + "\r\n").utf8)
    }

    private static func escaped(_ field: String) -> String {
        guard field.contains(where: { ",\"\r\n".contains($0) }) else { return field }
        return "\"" + field.replacing("\"", with: "\"\"") + "\""
    }
}
