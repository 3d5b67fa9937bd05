import Foundation
import ProviderFakes
import Testing

/// The commands that need no queue, and the face of all of them.
struct CommandTests {
    private static let sample = Fixtures.repository.appending(path: "Samples/voice-note.ogg").path

    @Test func `analyze prints the document that the contract names`() async throws {
        try await Deployment.run(.noRoles) { coach in
            let json = try #require(
                try await coach.command(["analyze", Self.sample, "--json"]).expect(.code(0)).json)
            try checkAudio(try #require(json["audio"]))
            #expect(json["transcript"]?["text"]?.string == Recognition.sample.text)
            #expect(json["transcript"]?["provider"] == "openai")
            #expect(json["transcript"]?["language"] == "en")
            let words = try #require(json["transcript"]?["words"]?.array)
            #expect(words.count > 25)
            for word in words {
                #expect(word["text"]?.string?.isEmpty == false)
                #expect(word["start"]?.double ?? -1 <= word["end"]?.double ?? -2)
                #expect(word.object?.keys.contains("confidence") == true)
            }
            let metrics = try #require(json["metrics"]?.object)
            #expect(metrics["wordsPerMinute"]?["value"]?.double ?? 0 > 30)
            #expect(
                metrics.values.allSatisfy {
                    $0["value"]?.double != nil && $0["unit"]?.string != nil && $0["definition"] != nil
                })
            let feedback = try #require(json["feedback"])
            for key in ["provider", "summary", "strengths", "improvements", "rewrite", "drill"] {
                #expect(feedback[key] != nil, "\(key)")
            }
            #expect(feedback["improvements"]?[0]?["quote"]?.string == "Hello everyone, my name")
            #expect(feedback["improvements"]?[0]?["start"]?.double != nil)
            #expect(json["costMicroUSD"]?.integer ?? 0 > 0)
            let stages = try #require(json["stages"]?.array)
            #expect(stages.allSatisfy { $0["name"]?.string != nil && $0["seconds"]?.double ?? -1 >= 0 })
        }
    }

    @Test func `analyze needs no server, no key and no network`() async throws {
        try await Deployment.run(.noRoles) { coach in
            let bare = Dictionary(uniqueKeysWithValues: coach.environment().keys.map { ($0, "") })
            let json = try #require(
                try await coach.command(["analyze", Self.sample, "--json"], settings: bare).expect(.code(0))
                    .json)
            #expect(json["transcript"]?["provider"] == "pocketsphinx")
            #expect(json["feedback"]?["provider"] == "rules")
            #expect(json["costMicroUSD"] == 0)
            let plot = coach.directory.appending(path: "plot.png")
            let text = try await coach.command(["analyze", Self.sample, "--plot", plot.path], settings: bare)
                .expect(.code(0))
            #expect(text.output.contains("You said"))
            #expect(
                FileManager.default.contents(atPath: plot.path)?.prefix(4) == Data([0x89, 0x50, 0x4E, 0x47]))
        }
    }

    @Test func `prepare writes the upload and its figures`() async throws {
        try await Deployment.run(.noRoles) { coach in
            let upload = coach.directory.appending(path: "upload.flac")
            let json = try #require(
                try await coach.command([
                    "prepare", Self.sample, "--output", upload.path, "--speed", "1.5", "--json",
                ]).expect(.code(0)).json)
            try checkAudio(json)
            #expect(json["speed"]?.double == 1.5)
            let bytes = try #require(FileManager.default.contents(atPath: upload.path))
            #expect(bytes.prefix(4) == Data("fLaC".utf8))
            #expect(json["uploadBytes"]?.integer == bytes.count)
            #expect(json["uploadSeconds"]?.double ?? 99 < json["originalSeconds"]?.double ?? 0)
            #expect(json["encoding"] == "flac")
            #expect(json["encodingReason"]?.string?.isEmpty == false)
            let plot = coach.directory.appending(path: "plot.png")
            let cleaned = try await coach.command([
                "prepare", Self.sample, "--output", upload.path, "--plot", plot.path, "--loudness", "-20",
                "--noise-reduction",
            ])
            #expect(cleaned.end == .code(0))
            #expect(
                FileManager.default.contents(atPath: plot.path)?.prefix(4) == Data([0x89, 0x50, 0x4E, 0x47]))
            let silent = try await coach.command(["prepare", Self.sample, "--output", upload.path])
            #expect(silent.end == .code(0))
            #expect(silent.output.contains("upload"))
        }
    }

    /// Keys of the contract, and a timeline in order on both clocks.
    private func checkAudio(_ json: JSON) throws {
        for key in [
            "originalSeconds", "speechSeconds", "uploadSeconds", "uploadBytes", "sampleRateHz", "speed",
        ] {
            #expect(json[key]?.double ?? 0 > 0, "\(key)")
        }
        #expect(json["sampleRateHz"]?.integer == 16_000)
        #expect(json["pipelineVersion"]?.string?.isEmpty == false)
        let timeline = try #require(json["timeline"]?.array)
        #expect(!timeline.isEmpty)
        var last = (original: 0.0, upload: 0.0)
        for piece in timeline {
            let original = try #require(piece["original"]?.array?.compactMap { $0.double })
            let upload = try #require(piece["upload"]?.array?.compactMap { $0.double })
            #expect(original.count == 2)
            #expect(upload.count == 2)
            #expect(original[0] >= last.original - 1e-6 && original[1] > original[0])
            #expect(upload[0] >= last.upload - 1e-6 && upload[1] > upload[0])
            last = (original[1], upload[1])
        }
    }

    @Test func `files that cannot be used are named`() async throws {
        try await Deployment.run(.noRoles) { coach in
            let letter = coach.directory.appending(path: "letter.ogg")
            try Data(Fixtures.text).write(to: letter)
            let upload = coach.directory.appending(path: "out.flac").path
            let cases: [([String], Int32, String)] = [
                (["analyze", "/no/such/file.ogg"], 3, "/no/such/file.ogg"),
                (["analyze", coach.directory.path], 3, coach.directory.path),
                (["analyze", letter.path], 1, letter.path),
                (["analyze"], 2, "file"),
                (["prepare", Self.sample], 2, "--output"),
                (["prepare", letter.path, "--output", upload], 1, letter.path),
                (["prepare", Self.sample, "--output", upload, "--speed", "9"], 2, "--speed"),
                (
                    ["prepare", Self.sample, "--output", coach.directory.appending(path: "out.xyz").path], 2,
                    "out.xyz"
                ),
                (
                    ["prepare", Self.sample, "--output", "/no/such/place/out.flac"], 1,
                    "/no/such/place/out.flac"
                ),
            ]
            for (arguments, code, mention) in cases {
                let result = try await coach.command(arguments)
                #expect(result.end == .code(code), "\(arguments): \(result.errors)")
                #expect(result.errors.contains(mention), "\(arguments): \(result.errors)")
                #expect(result.output.isEmpty, "\(arguments): \(result.output)")
            }
        }
    }

    @Test func `configuration that cannot be used is named with its mend`() async throws {
        try await Deployment.run(.noRoles) { coach in
            let cases: [([String], [String: String], String)] = [
                (["webhook"], ["PORT": "eighty"], "PORT"),
                (["webhook"], ["DATABASE_URL": ""], "DATABASE_URL"),
                (["webhook"], ["DATABASE_URL": "mysql://x"], "DATABASE_URL"),
                (["webhook"], ["TELEGRAM_WEBHOOK_SECRET": ""], "TELEGRAM_WEBHOOK_SECRET"),
                (["webhook"], ["TELEGRAM_WEBHOOK_SECRET": "with spaces"], "TELEGRAM_WEBHOOK_SECRET"),
                (["audio-worker"], ["REDIS_URL": ""], "REDIS_URL"),
                (["audio-worker"], ["TELEGRAM_BOT_TOKEN": ""], "TELEGRAM_BOT_TOKEN"),
                (["audio-worker"], ["STT_PROVIDERS": "openai,telepathy"], "telepathy"),
                (["feedback-worker"], ["LOG_LEVEL": "loud"], "LOG_LEVEL"),
                (["audio-worker", "--concurrency", "0"], [:], "--concurrency"),
                (["analyze", Self.sample], ["MAX_AUDIO_SECONDS": "-1"], "MAX_AUDIO_SECONDS"),
                (["analyze", Self.sample], ["SPEECHCOACH_CONFIG": "/no/such.yaml"], "/no/such.yaml"),
                (["up"], ["TELEGRAM_BOT_TOKEN": ""], "TELEGRAM_BOT_TOKEN"),
            ]
            for (arguments, settings, mention) in cases {
                let result = try await coach.command(arguments, settings: settings, within: .seconds(30))
                #expect(result.end == .code(2), "\(arguments) \(settings): \(result.errors)")
                #expect(result.errors.contains(mention), "\(arguments): \(result.errors)")
                for secret in Deployment.Secrets.all { #expect(!result.errors.contains(secret)) }
            }
        }
    }

    @Test func `a secret may come from a file`() async throws {
        try await Deployment.run(.noRoles) { coach in
            let file = coach.directory.appending(path: "token")
            try Data((Deployment.Secrets.token + "\n").utf8).write(to: file)
            let result = try await coach.command(
                ["telegram", "webhook-info", "--json"],
                settings: ["TELEGRAM_BOT_TOKEN": "", "TELEGRAM_BOT_TOKEN_FILE": file.path]
            ).expect(.code(0))
            #expect(result.json?["url"] != nil)
        }
    }

    @Test func `settings come from a file, and the environment wins over it`() async throws {
        try await Deployment.run(.noRoles) { coach in
            let file = coach.directory.appending(path: "coach.yaml")
            try Data("DATABASE_URL: \"\(coach.databaseURI)\"\nLOG_FORMAT: text\n".utf8).write(to: file)
            let settings = ["DATABASE_URL": "", "SPEECHCOACH_CONFIG": file.path]
            try await coach.command(["jobs", "stats"], settings: settings).expect(.code(0))
            try await coach.command(
                ["jobs", "stats", "--config", file.path], settings: ["DATABASE_URL": ""]
            ).expect(.code(0))
            let overruled = try await coach.command(
                ["jobs", "stats"],
                settings: [
                    "SPEECHCOACH_CONFIG": file.path, "DATABASE_URL": "postgresql://postgres@127.0.0.1:1/x",
                ])
            #expect(overruled.end == .code(1))
        }
    }

    @Test func `options win over the environment`() async throws {
        try await Deployment.run(.noRoles) { coach in
            let port = Ports.free()
            for role in ["webhook", "audio-worker", "feedback-worker"] {
                let program = try await Program.start(
                    [role, "--port", "\(port)", "--host", "127.0.0.1", "--log-format", "text"],
                    name: "optional-\(role)", environment: coach.environment(["PORT": "\(Ports.free())"]),
                    directory: coach.directory)
                let url = "http://127.0.0.1:\(port)/health/ready"
                try await eventually("\(role) listens where it was told") {
                    (try? await HTTP.get(url))?.status == 200
                }
                let healthy = try await coach.command(["healthcheck", "--url", url])
                #expect(healthy.end == .code(0))
                program.send(SIGINT)
                #expect(try await program.ended(within: .seconds(30)) == .code(0))
                #expect(LogLines(program.errors).lines.isEmpty)
                #expect(try await coach.command(["healthcheck", "--url", url]).end == .code(1))
            }
        }
    }

    @Test func `doctor finds everything well, and says what is not`() async throws {
        try await Deployment.run(.noRoles) { coach in
            let well = try await coach.command(["doctor", "--json"]).expect(.code(0))
            #expect(well.json?["ok"] == true)
            let findings = try #require(well.json?["findings"]?.array)
            #expect(findings.allSatisfy { $0["check"]?.string != nil && $0["message"]?.string != nil })
            #expect(!findings.contains { $0["status"] == "problem" })

            coach.anthropic.models.failAlways(.unauthorized)
            let ill = try await coach.command(
                ["doctor", "--json"],
                settings: [
                    "DATABASE_URL": "postgresql://postgres@127.0.0.1:1/none",
                    "REDIS_URL": "redis://127.0.0.1:1",
                    "TELEGRAM_BOT_TOKEN": "4711:AAwrongTokenWrongTokenWrongTokenWro",
                ])
            #expect(ill.end == .code(1))
            #expect(ill.json?["ok"] == false)
            let problems = (ill.json?["findings"]?.array ?? []).filter { $0["status"] != "ok" }
                .compactMap { $0["check"]?.string }
            for part in ["postgres", "redis", "telegram", "anthropic"] {
                #expect(problems.contains { $0.contains(part) }, "\(part) among \(problems)")
            }
            for secret in Deployment.Secrets.all { #expect(!ill.output.contains(secret)) }
            coach.anthropic.models.heal()
            let text = try await coach.command(["doctor"]).expect(.code(0))
            #expect(text.output.contains("Ready."))
        }
    }

    @Test func `a database that was never migrated is told apart`() async throws {
        try await Deployment.run(.noRoles) { coach in
            let empty = try await coach.emptyDatabase()
            let before = try await coach.command(["jobs", "stats"], settings: ["DATABASE_URL": empty])
            #expect(before.end == .code(1))
            #expect(before.errors.contains("speechcoach migrate"))
            let ends = try await withThrowingTaskGroup(of: CommandResult.self) { group in
                for _ in 0..<3 {
                    group.addTask {
                        try await coach.command(["migrate", "--json"], settings: ["DATABASE_URL": empty])
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(ends.allSatisfy { $0.end == .code(0) })
            // They take turns, migration by migration: each is applied once, whoever does it.
            let applied = ends.flatMap { $0.json?["applied"]?.array ?? [] }.compactMap(\.string)
            #expect(applied.count >= 4 && Set(applied).count == applied.count)
            try await coach.command(["jobs", "stats"], settings: ["DATABASE_URL": empty]).expect(.code(0))
        }
    }

    @Test func `the webhook is set, looked at and removed`() async throws {
        try await Deployment.run(.webhookOnly) { coach in
            let origin = try coach.process(.webhook).origin
            try await coach.command(["telegram", "set-webhook"], settings: ["PUBLIC_URL": origin]).expect(
                .code(0))
            let info = try await coach.command(["telegram", "webhook-info", "--json"]).expect(.code(0))
            #expect(info.json?["url"]?.string == origin + "/telegram/webhook")
            // What was set is what is served: an update arrives.
            let chat = coach.chat()
            try await chat.say("/start")
            try await eventually("the update is in the ledger") { try await coach.ledger.count("jobs") == 1 }
            try await coach.command(["telegram", "delete-webhook"]).expect(.code(0))
            let after = try await coach.command(["telegram", "webhook-info", "--json"]).expect(.code(0))
            #expect(after.json?["url"] == "")
        }
    }

    @Test func `every command has help with an example`() async throws {
        try await Deployment.run(.noRoles) { coach in
            let commands = [
                "demo", "up", "webhook", "audio-worker", "feedback-worker", "migrate", "analyze", "prepare",
                "jobs list", "jobs show", "jobs retry", "jobs cancel", "jobs stats", "telegram set-webhook",
                "telegram webhook-info", "telegram delete-webhook", "doctor",
            ]
            for command in commands {
                let words = command.split(separator: " ").map(String.init)
                let result = try await coach.command(words + ["--help"]).expect(.code(0))
                #expect(result.output.contains("speechcoach \(command)"), "\(command)")
                #expect(result.output.uppercased().contains("EXAMPLE"), "\(command)")
                #expect(result.errors.isEmpty, "\(command)")
            }
            let root = try await coach.command(["--help"]).expect(.code(0))
            for command in commands {
                #expect(root.output.contains(command.split(separator: " ")[0]), "\(command)")
            }
            #expect(try await coach.command(["--version"]).expect(.code(0)).output.contains("."))
            #expect(try await coach.command(["dance"]).end == .code(2))
        }
    }
}
