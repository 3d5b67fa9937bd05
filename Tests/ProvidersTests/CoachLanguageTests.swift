import CoachDomain
import Testing

@testable import Providers

/// The coach speaks one language, the speaker may speak another.
@Suite struct CoachLanguageTests {
    private let descriptor = ModelDescriptor(name: "openai", model: "gpt-6-luna")
    private let german = Samples.material(language: "de")

    private func validate(
        _ material: CoachingMaterial, _ changes: [String: JSONValue] = [:]
    ) throws -> FeedbackValidator.Verdict {
        var fields: [String: JSONValue] = [
            "summary": "Du hast dein Projekt klar vorgestellt, und man weiß, worum es geht.",
            "strengths": ["Du sagst gleich am Anfang, wer du bist und was kommt."],
            "improvements": [
                [
                    "quote": "Um, you know, many people",
                    "why": "Das „um, you know, many people“ nimmt dem Ergebnis das Gewicht, das es hat.",
                    "suggestion":
                        "Sag einfach: “Many people like the result, and that is what counts for us.”",
                ]
            ],
            "rewrite": .string(
                "Hello everyone, my name is Anna. Today I will talk about our new project. Many people like the "
                    + "result. Next, we will test it with more users."),
            "drill": "Sprich den Text noch einmal und schweige dort, wo sich ein „um“ vordrängen will.",
        ]
        fields.merge(changes) { _, new in new }
        return try FeedbackValidator(material).validate(
            String(decoding: JSONValue.object(fields).bytes, as: UTF8.self), from: descriptor)
    }

    @Test func `advice in the coach's language about words in the speaker's passes untouched`() throws {
        let verdict = try validate(german)
        #expect(verdict.repairs == 0)
        #expect(verdict.feedback.improvements.first?.quote == "Um, you know, many people")
        #expect(verdict.feedback.rewrite.hasPrefix("Hello everyone"))
    }

    @Test func `a rewrite that was translated is replaced by a faithful one`() throws {
        let translated =
            "Hallo zusammen, mein Name ist Anna. Heute spreche ich über das neue Projekt, und viele mögen es. "
            + "Der nächste Schritt ist ein Test mit mehr Leuten."
        let verdict = try validate(german, ["rewrite": .string(translated)])
        #expect(verdict.repairs == 1)
        #expect(verdict.feedback.rewrite == Rewriter(german).text())
    }

    @Test func `a short note's rewrite must not be translated either`() throws {
        let note = CoachingMaterial(
            transcript: Samples.transcript("We go to the sea now."), metrics: SpeechMetrics(), language: "de")
        let verdict = try validate(
            note,
            [
                "improvements": [
                    [
                        "quote": "to the sea now", "why": "Das Ende ist das, was hängen bleibt.",
                        "suggestion": "Lass nach dem letzten Wort eine Sekunde Stille.",
                    ]
                ],
                "rewrite": "Wir fahren jetzt mit dem Auto an die See, und das ist der Plan für uns.",
            ])
        #expect(verdict.feedback.rewrite == "We go to the sea now.")
    }

    @Test func `advice in the speaker's language instead of the coach's is refused`() {
        #expect(throws: FeedbackValidator.Flaw.wrongLanguage) {
            try validate(
                german,
                [
                    "summary": "You introduced the project clearly and it is easy to follow.",
                    "strengths": ["You said who you are and what the talk is about."],
                    "improvements": [
                        [
                            "quote": "Um, you know, many people",
                            "why": "It makes the result sound doubtful to the people who listen.",
                            "suggestion": "Pause for a moment, then start with the people.",
                        ]
                    ],
                    "drill": "Say the text again and stay silent where an um wants out.",
                ])
        }
    }

    @Test func `the prompt names both languages`() {
        let mixed = CoachPrompt.request(german).instructions
        #expect(mixed.contains("advise in \"de\", quote and rewrite in \"en\""))
        let unknown = CoachingMaterial(
            transcript: Samples.transcript("Hm.", language: nil), metrics: SpeechMetrics(), language: "fr")
        #expect(unknown.spokenLanguage == nil)
        #expect(
            CoachPrompt.request(unknown).instructions.contains("rewrite in the transcript's own language"))
    }

    @Test func `without a wish the coach answers in the language of the words`() {
        #expect(
            CoachingMaterial(
                transcript: Samples.transcript(language: nil), metrics: SpeechMetrics(), language: nil
            ).language == "en")
        let spanish = Samples.transcript(
            "Hola a todos, hoy quiero hablar del proyecto y de las personas que lo usan en el trabajo.",
            language: nil)
        #expect(
            CoachingMaterial(transcript: spanish, metrics: SpeechMetrics(), language: nil).language == "es")
    }
}
