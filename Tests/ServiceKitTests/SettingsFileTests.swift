import Testing

@testable import ServiceKit

@Suite struct SettingsFileTests {
    private func problems(_ yaml: String) async throws -> String {
        let file = try TemporaryFile(yaml, named: "coach.yaml")
        do {
            _ = try await Settings.load(environment: ["SPEECHCOACH_CONFIG": file.path])
            return "none"
        } catch {
            return error.description.replacing(file.path, with: "coach.yaml")
        }
    }

    @Test func `numbers, texts and lists of the file are read`() async throws {
        let file = try TemporaryFile(
            """
            # production
            PORT: 9000
            SPEED_FACTOR: 1.25
            LLM_PROVIDERS: [rules, local-llm]
            LOCAL_LLM_BASE_URL: "http://llm:11434/v1/"
            """)
        let settings = try await Settings.load(environment: ["SPEECHCOACH_CONFIG": file.path])
        #expect(settings.http.port(for: .feedbackWorker) == 9_000)
        #expect(settings.audio.speed == .fixed(1.25))
        #expect(settings.providers.coaching.map(\.name) == [.localLLM, .rules])
        #expect(settings.providers.coaching.first?.endpoint?.baseURL == "http://llm:11434/v1")
    }

    @Test(arguments: [
        ("PROT: 1\n", "PROT in coach.yaml: unknown key. Did you mean PORT?"),
        (
            "openai:\n  api-key: private\n",
            "openai.api-key in coach.yaml: unknown key. Did you mean OPENAI_API_KEY?"
        ),
        ("log_level: info\n", "log_level in coach.yaml: unknown key. Did you mean LOG_LEVEL?"),
        ("PORT_FILE: /x\n", "PORT_FILE in coach.yaml: unknown key. docs/configuration.md lists the keys."),
        ("colour: blue\n", "colour in coach.yaml: unknown key. docs/configuration.md lists the keys."),
        (
            "SPEECHCOACH_CONFIG: /x\n",
            "SPEECHCOACH_CONFIG in coach.yaml: a file cannot name another. Remove the key; SPEECHCOACH_CONFIG belongs in the environment."
        ),
        ("PORT: 1x\n", #"PORT in coach.yaml: "1x" is not a whole number. Give 0…65535."#),
        (
            "REDIS_URL: private\n",
            "REDIS_URL in coach.yaml: the value (not shown) is no Redis address. Give redis://:password@host:6379/0 or unix:///run/redis.sock."
        ),
    ]) func `a mistake in the file is named with its mend`(yaml: String, expected: String) async throws {
        #expect(try await problems(yaml) == expected)
    }

    @Test(arguments: [
        "- a\n- b\n", "private", "A: [unclosed private\n", "A: 'private\n", "", "\u{0}private",
        "PORT: {a: [{b: private}]}\n",
    ])
    func `a file that is no mapping is reported without its content`(yaml: String) async throws {
        let text = try await problems(yaml)
        #expect(text.contains("coach.yaml"))
        #expect(
            text.contains("this is not a YAML mapping of settings") || text.contains("unknown key"), "\(text)"
        )
        #expect(!text.contains("private"))
    }

    @Test func `a file that is not there is reported by its path`() async {
        await #expect {
            try await Settings.load(environment: ["SPEECHCOACH_CONFIG": "/nowhere/coach.yaml"])
        } throws: { error in
            String(describing: error)
                == "SPEECHCOACH_CONFIG: the file /nowhere/coach.yaml cannot be read. Give the path of a readable file, or unset SPEECHCOACH_CONFIG."
        }
    }

    @Test(
        arguments: [
            ("PROT", "PORT"), ("OPENAI_APIKEY", "OPENAI_API_KEY"), ("openai.base.url", "OPENAI_BASE_URL"),
            ("DATABSE_URL", "DATABASE_URL"), ("TELEGRAM_TOKEN", "TELEGRAM_BOT_TOKEN"), ("XYZ", nil),
            ("", nil),
        ] as [(String, String?)]) func `the nearest name is found`(name: String, expected: String?)
    {
        #expect(NearestName.of(name, among: SettingsCatalogue.all.map(\.name)) == expected)
    }
}
