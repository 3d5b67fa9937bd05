import Foundation
import Logging
import Testing

@testable import Observability

@Suite struct LogLineTests {
    /// 2026-11-21T02:50:13.007Z
    static let time = Timestamp(millisecondsSinceEpoch: 1_795_229_413_007)

    private func line(_ format: LogFormat, _ change: (inout LogLine) -> Void = { _ in }) -> String {
        var line = LogLine(
            time: Self.time, level: .info, service: "audio-worker", logger: "jobs", message: "claimed",
            metadata: [:])
        change(&line)
        var bytes: [UInt8] = []
        line.append(as: format, redaction: LogRedaction(), to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func `a JSON line has time, level, service, logger, message and flat metadata`() {
        let text = line(.json) { line in
            line.metadata = [
                "note": "42", "attempt": .stringConvertible(3),
                "seconds": .stringConvertible(Duration.milliseconds(1_500)),
                "cached": .stringConvertible(true),
                "step": ["name": "decode", "ratio": .stringConvertible(0.5)],
                "hosts": ["a", "b"],
            ]
        }
        #expect(
            text == #"""
                {"time":"2026-11-21T02:50:13.007Z","level":"info","service":"audio-worker","logger":"jobs","message":"claimed","attempt":3,"cached":true,"hosts.0":"a","hosts.1":"b","note":"42","seconds":1.5,"step.name":"decode","step.ratio":0.5}

                """#)
    }

    @Test func `a text line is one line that a person can read`() {
        let text = line(.text) { line in
            line.level = .warning
            line.message = "slow\nprovider"
            line.metadata = ["note": "42", "reason": "no answer", "empty": "", "quote": "a\"b"]
            line.error = "HTTPError.timedOut"
        }
        #expect(
            text == #"""
                2026-11-21T02:50:13.007Z WARNING  audio-worker: slow provider empty="" error=HTTPError.timedOut note=42 quote="a\"b" reason="no answer"

                """#)
    }

    @Test func `metadata cannot pose as a field of the line`() {
        let text = line(.json) { $0.metadata = ["level": "critical", "message": "forged", "time": "never"] }
        #expect(
            text.hasSuffix(
                #""message":"claimed","_level":"critical","_message":"forged","_time":"never"}"# + "\n"))
    }

    @Test func `any text survives as JSON on one line`() throws {
        let hostile =
            (0...0x9F).compactMap(UnicodeScalar.init).map(String.init).joined() + "\u{2028}\u{FFFE}🎤\"\\"
        let text = line(.json) { line in
            line.message = hostile
            line.metadata = [hostile: .string(hostile)]
        }
        #expect(text.filter { $0 == "\n" }.count == 1)
        let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: String]
        #expect(object?["message"] == hostile)
        #expect(object?[hostile] == hostile)
    }

    @Test func `secrets are replaced in message, metadata and error`() {
        let secret = LogRedactionTests.token
        let text = line(.json) { line in
            line.message = "calling \(secret)"
            line.metadata = [
                "url": "/file/bot\(secret)/a.oga", "password": "x", "nested": ["deep": .string(secret)],
            ]
            line.error = "Refused(\(secret))"
        }
        #expect(!text.contains("AAHdqTcv"))
        #expect(text.contains(#""password":"[redacted]""#))
    }

    @Test func `long texts are cut`() {
        let text = line(.json) { $0.message = String(repeating: "ä", count: 10_000) }
        #expect(text.utf8.count < 4_400)
        #expect(text.contains("…"))
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"), (951_868_800_000, "2000-03-01T00:00:00.000Z"),
        (1_709_251_199_999, "2024-02-29T23:59:59.999Z"), (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999Z"), (-62_135_596_800_000, "0001-01-01T00:00:00.000Z"),
    ]) func `times are RFC 3339 in UTC with milliseconds`(milliseconds: Int64, expected: String) {
        var bytes: [UInt8] = []
        Timestamp(millisecondsSinceEpoch: milliseconds).append(to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == expected)
    }
}
