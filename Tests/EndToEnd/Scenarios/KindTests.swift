import Testing

/// Everything that a person may send, in one running deployment.
struct KindTests {
    @Test func `a voice note in each form that Telegram knows is coached`() async throws {
        try await SharedDeployment.use { coach in
            let videoNote = try await Fixtures.videoNote.bytes
            let music = try await Fixtures.music.bytes
            let flac = try await Fixtures.flac.bytes
            let wave = try await Fixtures.wave.bytes
            let forms: [(kind: String, bytes: [UInt8], mime: String?, name: String?)] = [
                ("voice", Fixtures.voiceNote, "audio/ogg", nil), ("video_note", videoNote, nil, nil),
                ("audio", music, "audio/x-m4a", "talk.m4a"), ("document", flac, "audio/flac", "talk.flac"),
                ("document", wave, "audio/x-wav", "talk.wav"),
                ("document", Fixtures.voiceNote, nil, "note.opus"),
                ("audio", Fixtures.voiceNote, "audio/mpeg", "really-an-ogg.mp3"),
            ]
            try await withThrowingTaskGroup(of: Void.self) { group in
                for form in forms {
                    group.addTask {
                        let chat = coach.chat()
                        let sent = try await chat.send(
                            form.kind, form.bytes, mimeType: form.mime, filename: form.name)
                        let reply = try await chat.answer()
                        #expect(reply.text.contains("Hello everyone"), "\(form.kind) \(form.name ?? "")")
                        #expect(reply.answers == sent)
                        let note = try #require(try await coach.ledger.note(in: chat.id))
                        #expect(note.kind == form.kind)
                        let seconds = try #require(try await coach.ledger.decodedSeconds(of: note.id))
                        #expect((14.5...15.2).contains(seconds), "\(form.kind) \(form.name ?? "")")
                        #expect(await chat.botMessages().count == 1)
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test(arguments: [
        ("/start", "start"), ("/start payload", "start"), ("/help", "help"),
        ("/help@speech_coach_bot", "help"),
        ("Hello there", "text"), ("/dance", "unknownCommand"),
    ])
    func `a text is answered once, and briefly`(text: String, answer: String) async throws {
        try await SharedDeployment.use { coach in
            let chat = coach.chat()
            let sent = try await chat.say(text)
            let reply = try await chat.answer()
            #expect(reply.text == Texts.answer(answer))
            #expect(reply.answers == sent)
            #expect(!reply.isEdited)
            #expect(await chat.botMessages() == [reply])
        }
    }

    @Test func `a sticker, and a document that is no sound, are told what would help`() async throws {
        try await SharedDeployment.use { coach in
            let sticker = coach.chat()
            try await sticker.sendSticker()
            #expect(try await sticker.answer().text == Texts.answer("unsupported"))
            let letter = coach.chat()
            try await letter.send(
                "document", Fixtures.text, seconds: nil, mimeType: "application/pdf", filename: "letter.pdf")
            #expect(try await letter.answer().text == Texts.answer("unsupported"))
            #expect(try await coach.ledger.note(in: letter.id) == nil)
        }
    }
}
