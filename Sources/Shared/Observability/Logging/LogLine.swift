import Logging

/// One line of the log, as a value: what will be written, before it is bytes.
struct LogLine {
    /// Fields that metadata cannot take; such metadata is written with a leading underscore.
    private static let reserved: Set<String> = ["time", "level", "service", "logger", "message"]
    /// Longer texts are cut: a log line is no place for a document.
    private static let longestText = 4_096

    var time: Timestamp
    var level: Logger.Level
    /// The role that speaks, for example `audio-worker`.
    var service: String
    /// The label of the logger.
    var logger: String
    var message: String
    var metadata: Logger.Metadata
    var error: String? = nil

    /// Appends the line with its line end.
    func append(as format: LogFormat, redaction: LogRedaction, to bytes: inout [UInt8]) {
        switch format {
        case .json: appendJSON(redaction: redaction, to: &bytes)
        case .text: appendText(redaction: redaction, to: &bytes)
        }
    }

    private func appendJSON(redaction: LogRedaction, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: #"{"time":""#.utf8)
        time.append(to: &bytes)
        bytes.append(contentsOf: #"","level":""#.utf8)
        bytes.append(contentsOf: level.rawValue.utf8)
        bytes.append(contentsOf: #"","service":"#.utf8)
        JSONText.append(service, to: &bytes)
        bytes.append(contentsOf: #","logger":"#.utf8)
        JSONText.append(logger, to: &bytes)
        bytes.append(contentsOf: #","message":"#.utf8)
        JSONText.append(redaction.apply(to: Self.cut(message)), to: &bytes)
        for field in fields() {
            bytes.append(UInt8(ascii: ","))
            JSONText.append(field.key, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            switch field.value {
            case .literal(let literal): bytes.append(contentsOf: literal.utf8)
            case .text(let text):
                JSONText.append(redaction.apply(to: Self.cut(text), key: field.key), to: &bytes)
            }
        }
        bytes.append(contentsOf: "}\n".utf8)
    }

    private func appendText(redaction: LogRedaction, to bytes: inout [UInt8]) {
        time.append(to: &bytes)
        bytes.append(UInt8(ascii: " "))
        let name = level.rawValue.uppercased()
        bytes.append(contentsOf: name.utf8)
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: max(1, 9 - name.utf8.count)))
        bytes.append(contentsOf: service.utf8)
        bytes.append(contentsOf: ": ".utf8)
        // A line break inside a message would let its text pose as another line.
        Self.appendOnOneLine(redaction.apply(to: Self.cut(message)), to: &bytes)
        for field in fields() {
            bytes.append(UInt8(ascii: " "))
            bytes.append(contentsOf: field.key.utf8)
            bytes.append(UInt8(ascii: "="))
            switch field.value {
            case .literal(let literal): bytes.append(contentsOf: literal.utf8)
            case .text(let text):
                let shown = redaction.apply(to: Self.cut(text), key: field.key)
                let isPlain =
                    !shown.isEmpty && shown.utf8.allSatisfy { $0 > 0x20 && $0 != 0x22 && $0 != 0x7F }
                if isPlain {
                    bytes.append(contentsOf: shown.utf8)
                } else {
                    JSONText.append(shown, to: &bytes)
                }
            }
        }
        bytes.append(UInt8(ascii: "\n"))
    }

    private static func appendOnOneLine(_ text: String, to bytes: inout [UInt8]) {
        for byte in text.utf8 {
            bytes.append(byte < 0x20 || byte == 0x7F ? UInt8(ascii: " ") : byte)
        }
    }

    private static func cut(_ text: String) -> String {
        guard text.utf8.count > longestText else { return text }
        return String(decoding: text.utf8.prefix(longestText), as: UTF8.self) + "…"
    }
}

extension LogLine {
    enum FieldValue {
        /// A JSON number, `true` or `false`, written without quotes.
        case literal(String)
        case text(String)
    }

    /// The error and the metadata, flat and sorted by key; nested keys are joined by a dot.
    func fields() -> [(key: String, value: FieldValue)] {
        var fields: [(key: String, value: FieldValue)] = []
        for (key, value) in metadata {
            Self.flatten(value, key: Self.reserved.contains(key) ? "_\(key)" : key, into: &fields)
        }
        if let error {
            fields.removeAll { $0.key == "error" }
            fields.append(("error", .text(error)))
        }
        return fields.sorted { $0.key < $1.key }
    }

    private static func flatten(
        _ value: Logger.MetadataValue, key: String, into fields: inout [(key: String, value: FieldValue)]
    ) {
        switch value {
        case .string(let text): fields.append((key, .text(text)))
        case .stringConvertible(let convertible): fields.append((key, show(convertible)))
        case .dictionary(let dictionary):
            for (inner, value) in dictionary { flatten(value, key: "\(key).\(inner)", into: &fields) }
        case .array(let values):
            for (index, value) in values.enumerated() {
                flatten(value, key: "\(key).\(index)", into: &fields)
            }
        }
    }

    private static func show(_ value: any CustomStringConvertible) -> FieldValue {
        switch value {
        case let number as any FixedWidthInteger: .literal(String(describing: number))
        case let number as Double where number.isFinite: .literal(number.description)
        case let number as Float where number.isFinite: .literal(number.description)
        case let flag as Bool: .literal(flag ? "true" : "false")
        case let duration as Duration:
            .literal(
                String(Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18))
        case let error as any Error: .text(SafeErrorDescription.of(error))
        default: .text(value.description)
        }
    }
}
