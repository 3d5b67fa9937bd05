import Testing

/// Files that nobody can coach: each sender is told why, and no job is left open.
struct BadAudioTests {
    enum Bad: String, CaseIterable, Sendable {
        case empty, zeroSeconds, instant, cutOff, unknownCodec, letterNamedOgg, silence, tooLong
        case tooLongUndeclared, declaredTooLarge, secretlyTooLarge

        var advice: String {
            switch self {
            case .empty, .zeroSeconds: "tooShort"
            case .cutOff: "damaged"
            case .unknownCodec, .letterNamedOgg: "notAudio"
            case .silence, .instant: "noSpeech"
            case .tooLong, .tooLongUndeclared: "tooLong"
            case .declaredTooLarge, .secretlyTooLarge: "tooLarge"
            }
        }

        func send(to chat: Chat) async throws {
            switch self {
            case .empty: try await chat.send("voice", [], seconds: 3)
            case .zeroSeconds: try await chat.send("voice", Fixtures.zeroSeconds, seconds: 0)
            case .instant: try await chat.send("voice", try await Fixtures.instant.bytes, seconds: 0)
            case .cutOff: try await chat.send("voice", Fixtures.cutOff)
            case .unknownCodec: try await chat.send("voice", Fixtures.unknownCodec)
            case .letterNamedOgg:
                try await chat.send("document", Fixtures.text, mimeType: "audio/ogg", filename: "letter.ogg")
            case .silence: try await chat.send("voice", try await Fixtures.silence.bytes, seconds: 5)
            case .tooLong: try await chat.send("voice", try await Fixtures.longTalk.bytes, seconds: 28)
            case .tooLongUndeclared:
                try await chat.send("voice", try await Fixtures.longTalk.bytes, seconds: nil)
            case .declaredTooLarge: try await chat.send("voice", declaredSize: 20 << 20 | 1)
            case .secretlyTooLarge: try await chat.sendUndeclared([UInt8](repeating: 0, count: 20 << 20 | 1))
            }
        }
    }

    @Test(arguments: Bad.allCases)
    func `a file of no use ends in advice`(bad: Bad) async throws {
        try await SharedDeployment.use { coach in
            let chat = coach.chat()
            try await bad.send(to: chat)
            let reply = try await chat.answer()
            #expect(reply.text == Texts.advice(bad.advice))
            let note = try #require(try await coach.ledger.note(in: chat.id))
            try await eventually("the jobs of \(bad) end") {
                try await coach.ledger.jobs(of: note.id).allSatisfy(\.isTerminal)
            }
            let jobs = try await coach.ledger.jobs(of: note.id)
            #expect(jobs.map(\.stage) == ["transcribe", "deliver"])
            #expect(jobs.map(\.state) == ["dead", "succeeded"])
            #expect(jobs.map(\.attempts) == [1, 1])
            #expect(try await coach.ledger.calls(of: note.id).isEmpty)
            #expect(await chat.results() == [reply])
        }
    }

    @Test func `a note that breaks off is coached as far as it goes`() async throws {
        try await SharedDeployment.use { coach in
            let chat = coach.chat()
            try await chat.send("voice", Array(Fixtures.voiceNote.prefix(Fixtures.voiceNote.count * 2 / 3)))
            let reply = try await chat.answer()
            #expect(reply.text.contains("Hello everyone"))
            #expect(reply.text.contains("damaged"))
        }
    }
}
