import HTTPTransport
import ProviderFakes
import Testing

struct SpeechTests {
    private func send(
        _ fake: FakeOpenAI, model: String? = "whisper-1", file: [UInt8] = AudioFile.flac(seconds: 12),
        name: String? = "note.flac", extra: [(String, String)] = [],
        headers: [(String, String)] = Client.bearer
    ) async throws -> HTTPResponse {
        var parts = [
            MultipartPart(name: "file", content: .bytes(file), filename: name, contentType: "audio/flac")
        ]
        if let model { parts.append(.field("model", model)) }
        parts += extra.map { .field($0.0, $0.1) }
        return try await Client.post(
            fake.baseURL + "/audio/transcriptions", headers: headers, body: .multipart(parts))
    }

    @Test func `verbose JSON has words and segments on the clock of the file`() async throws {
        let fake = try FakeOpenAI(apiKey: Client.key, recognition: Recognition(text: "One two, three."))
        let answer = try await send(
            fake,
            extra: [
                ("response_format", "verbose_json"), ("timestamp_granularities[]", "word"),
                ("timestamp_granularities[]", "segment"),
            ])
        #expect(answer.status == 200)
        let json = try #require(answer.json)
        #expect(json["duration"]?.double == 12)
        #expect(json["language"] == "english")
        #expect(json["words"]?.array?.map { $0["word"]?.string } == ["One", "two", "three"])
        #expect(json["words"]?[2]?["end"]?.double ?? 99 <= 12)
        #expect(json["segments"]?[0]?["text"] == " One two, three.")
        #expect(json["usage"] == ["type": "duration", "seconds": 12])
    }

    @Test func `without granularities there are segments and no words`() async throws {
        let fake = try FakeOpenAI(apiKey: Client.key)
        let json = try #require(try await send(fake, extra: [("response_format", "verbose_json")]).json)
        #expect(json["words"] == nil)
        #expect(json["segments"]?.array?.count == 1)
    }

    @Test func `the newest model answers with text, languages and tokens only`() async throws {
        let fake = try FakeOpenAI(apiKey: Client.key, recognition: Recognition(text: "Hallo", language: "de"))
        let json = try #require(try await send(fake, model: "gpt-transcribe").json)
        #expect(json["text"] == "Hallo")
        #expect(json["languages"] == ["de"])
        #expect(json["usage"]?["type"] == "tokens")
        let refused = try await send(
            fake, model: "gpt-transcribe", extra: [("response_format", "verbose_json")])
        #expect(refused.status == 400)
        #expect(refused.json?["error"]?["param"] == "response_format")
    }

    @Test(arguments: [
        ("note.oga", AudioFile.flac(seconds: 3)), ("note", AudioFile.flac(seconds: 3)),
        ("note.ogg", Array("this is a text file".utf8)), ("note.flac", Array("fLaC".utf8)), ("note.wav", []),
    ])
    func `a file that is no audio, or does not look it, is refused`(name: String, file: [UInt8]) async throws
    {
        let answer = try await send(try FakeOpenAI(apiKey: Client.key), file: file, name: name)
        #expect(answer.status == 400)
        #expect(answer.json?["error"]?["param"] == "file")
        #expect(answer.json?["error"]?["type"] == "invalid_request_error")
    }

    @Test func `a nameless part is no file`() async throws {
        let answer = try await send(try FakeOpenAI(apiKey: Client.key), name: nil)
        #expect(answer.status == 400)
    }

    @Test func `a tenth of a second is the least`() async throws {
        let fake = try FakeOpenAI(apiKey: Client.key)
        let short = try await send(fake, file: AudioFile.wave(seconds: 0.05), name: "a.wav")
        #expect(short.json?["error"]?["code"] == "audio_too_short")
        #expect(try await send(fake, file: AudioFile.wave(seconds: 0.2), name: "a.wav").status == 200)
    }

    @Test func `model and key are needed`() async throws {
        let fake = try FakeOpenAI(apiKey: Client.key)
        #expect(try await send(fake, model: nil).status == 400)
        #expect(try await send(fake, model: "whisper-9").status == 404)
        #expect(try await send(fake, headers: []).status == 401)
        let wrong = try await send(fake, headers: [("Authorization", "Bearer sk-other")])
        #expect(wrong.json?["error"]?["code"] == "invalid_api_key")
        #expect(fake.speech.exchanges.map(\.status) == [400, 404, 401, 401])
    }

    @Test func `granularities need verbose JSON, and unknown fields are refused`() async throws {
        let fake = try FakeOpenAI(apiKey: Client.key)
        #expect(try await send(fake, extra: [("timestamp_granularities[]", "word")]).status == 400)
        #expect(try await send(fake, extra: [("word_timestamps", "true")]).status == 400)
    }

    @Test func `every request is kept as it was sent`() async throws {
        let fake = try FakeOpenAI(apiKey: Client.key)
        _ = try await send(fake, extra: [("language", "en")])
        await fake.speech.received(1)
        let form = try #require(fake.speech.requests.first?.form)
        #expect(form.first("language")?.text == "en")
        #expect(form.first("file")?.filename == "note.flac")
        #expect(form.first("file")?.bytes == AudioFile.flac(seconds: 12))
    }
}
