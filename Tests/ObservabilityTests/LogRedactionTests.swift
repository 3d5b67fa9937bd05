import Testing

@testable import Observability

@Suite struct LogRedactionTests {
    static let token = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw_-x"

    @Test(arguments: [
        (token, "[redacted]"),
        ("calling /bot\(token)/getMe now", "calling /bot[redacted]/getMe now"),
        (
            "GET https://api.telegram.org/file/bot\(token)/voice/file_7.oga failed",
            "GET https://api.telegram.org[redacted] failed"
        ),
        ("/bot123456789%3AAAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw_-x/getMe", "/bot[redacted]/getMe"),
        ("\"/file/botX/voice.oga\"", "\"[redacted]\""),
        ("Authorization: Bearer abc.def-ghi", "Authorization: Bearer [redacted]"),
        ("authorization: bearer  x", "authorization: bearer  [redacted]"),
        ("key sk-proj-abcdefghijklmnop end", "key [redacted] end"),
        ("(sk_0123456789abcdef)", "([redacted])"),
        ("gsk_0123456789abcdef", "[redacted]"),
        ("AIzaSyA-0123456789_abcdefghijklmnopqrs", "[redacted]"),
        ("postgres://coach:hunter2@db:5432/coach", "postgres://coach:[redacted]@db:5432/coach"),
        ("redis://:pa:ss@w@cache:6379", "redis://:[redacted]@cache:6379"),
        ("host=db password=hunter2 user=coach", "host=db password=[redacted] user=coach"),
        ("https://x/y?api_key=abc&page=2", "https://x/y?api_key=[redacted]&page=2"),
        ("two: \(token) and Bearer zzz.", "two: [redacted] and Bearer [redacted]"),
        ("Größe \(token) für 🎤", "Größe [redacted] für 🎤"),
    ]) func `what looks like a secret is replaced`(text: String, expected: String) {
        #expect(LogRedaction().apply(to: text) == expected)
    }

    @Test(arguments: [
        "", ":", "=", "/", "at 12:30:45 the job took 3.5 s", "https://api.telegram.org/bot/getMe",
        "postgres://db:5432/coach", "postgres://coach@db/coach", "http://[::1]:8080/health",
        "a task-force-of-twenty-people", "desk-0123456789abcdefghi", "bearer", "Bearer", "bearers of news",
        "12345:abc", "1234567:short", "token=7 fencing", "speech:transcribe", "profile/filebot",
        "the secret of pace", "password=", "user:password@host without a scheme",
    ]) func `ordinary text is left alone`(text: String) {
        #expect(LogRedaction().apply(to: text) == text)
    }

    @Test func `known secrets are hidden wherever they stand`() {
        let redaction = LogRedaction(secrets: ["0123456789abcdef0123", "short", "zebra-crossing"])
        #expect(
            redaction.apply(to: "Token 0123456789abcdef0123, zebra-crossing!")
                == "Token [redacted], [redacted]!")
        #expect(redaction.apply(to: "in short words") == "in short words")
    }

    @Test(arguments: ["authorization", "X-API-Key", "password"])
    func `values under secret keys are hidden whatever they are`(key: String) {
        #expect(LogRedaction().apply(to: "plain", key: key) == "[redacted]")
        #expect(LogRedaction().apply(to: "plain", key: "outcome") == "plain")
    }

    @Test func `every split of a token's surroundings is safe`() {
        let text = "x \(Self.token)/y"
        for length in 0...text.utf8.count {
            let piece = String(decoding: text.utf8.prefix(length), as: UTF8.self)
            let shown = LogRedaction().apply(to: piece)
            #expect(!shown.contains("AAHdqTcvCH1vGWJxfSeofSAs0K5PALD"))
        }
    }
}
