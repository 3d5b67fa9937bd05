import Foundation
import HTTPTransport
import ProviderFakes

/// Shortcuts over the product's own client, so that the fakes are tried by what will talk to them.
enum Client {
    static let shared = HTTPClient()
    static let key = "sk-test"

    static func post(
        _ url: String, headers: [(String, String)] = [], body: HTTPBody,
        within limit: Duration = .seconds(10),
        firstByte: Duration? = nil, idle: Duration? = nil
    ) async throws(HTTPError) -> HTTPResponse {
        try await shared.execute(
            HTTPRequest(
                method: "POST", url: url, headers: headers, body: body, deadline: .now + limit,
                firstByteTimeout: firstByte, idleTimeout: idle))
    }

    static func post(
        _ url: String, headers: [(String, String)], json: JSONValue, within limit: Duration = .seconds(10),
        firstByte: Duration? = nil, idle: Duration? = nil
    ) async throws -> HTTPResponse {
        try await post(
            url, headers: headers + [("Content-Type", "application/json")],
            body: .bytes(Array(try JSONEncoder().encode(json))), within: limit, firstByte: firstByte,
            idle: idle)
    }

    static let bearer = [("Authorization", "Bearer \(key)")]
    static let anthropic = [("x-api-key", key), ("anthropic-version", "2023-06-01")]
}

extension HTTPResponse {
    var json: JSONValue? { try? JSONDecoder().decode(JSONValue.self, from: Data(body)) }
    var text: String { String(decoding: body, as: UTF8.self) }
}

/// Audio files of silence.
enum AudioFile {
    static func wave(seconds: Double, rate: Int = 16_000) -> [UInt8] {
        let samples = [UInt8](repeating: 0, count: Int(seconds * Double(rate)) * 2)
        var file = Array("RIFF".utf8) + little(36 + samples.count, 4) + Array("WAVEfmt ".utf8)
        file += little(16, 4) + little(1, 2) + little(1, 2) + little(rate, 4) + little(rate * 2, 4)
        file += little(2, 2) + little(16, 2) + Array("data".utf8) + little(samples.count, 4)
        return file + samples
    }

    /// The metadata of a FLAC file and the beginning of its first frame.
    static func flac(seconds: Double, rate: UInt64 = 16_000) -> [UInt8] {
        let packed = rate << 44 | UInt64(15) << 36 | UInt64(seconds * Double(rate))
        var file = Array("fLaC".utf8) + [0x80, 0, 0, 34] + [UInt8](repeating: 0, count: 10)
        file += (0..<8).map { UInt8(truncatingIfNeeded: packed >> UInt64(56 - 8 * $0)) }
        return file + [UInt8](repeating: 0, count: 16) + [0xFF, 0xF8, 0xC9, 0x08, 0, 0, 0]
    }

    private static func little(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
}

/// A coaching schema as a strict vendor takes it.
let coachSchema: JSONValue = [
    "type": "object", "additionalProperties": false, "required": ["summary", "improvements", "tone"],
    "properties": [
        "summary": ["type": "string"], "tone": ["enum": ["warm", "cold"]],
        "improvements": [
            "type": "array",
            "items": [
                "type": "object", "additionalProperties": false, "required": ["quote", "score", "note"],
                "properties": [
                    "quote": ["type": "string"], "score": ["type": "integer"],
                    "note": ["type": ["string", "null"]],
                ],
            ],
        ],
    ],
]
