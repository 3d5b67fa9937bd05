import CoachDomain
import Conversation
import Testing

struct ReplyRendererTests {
    let renderer: ReplyRenderer

    init() throws { renderer = ReplyRenderer(phrasebook: try Phrasebooks().book(for: "en")) }

    private func feedback(_ adjust: (inout Feedback) -> Void = { _ in }) -> Feedback {
        var feedback = Feedback(
            provider: "rules", model: "1", promptVersion: "1", summary: "A calm start.",
            strengths: ["You pause well."],
            improvements: [
                Improvement(
                    quote: "um so", start: 65.4, end: 66, why: "It hides the point.",
                    suggestion: "Stop instead."),
                Improvement(quote: "like", start: nil, end: nil, why: "Second.", suggestion: ""),
            ], rewrite: "So, here is the point.", drill: "Count to three.")
        adjust(&feedback)
        return feedback
    }

    private func transcript(_ text: String) -> Transcript {
        Transcript(
            text: text, language: "en", provider: "p", model: "m",
            capabilities: RecognizerCapabilities(fillers: .measured, wordTimes: true, wordConfidence: true),
            words: [])
    }

    private func metrics(_ evidence: Evidence, fillers: Double? = 2) -> SpeechMetrics {
        var measures: [MeasureName: Measure] = [
            .wordsPerMinute: Measure(141.6, unit: "words/min", definition: "d"),
            .pauseCount: Measure(3, unit: "1", definition: "d"),
            .pauseLongestSeconds: Measure(1.24, unit: "s", definition: "d"),
        ]
        if let fillers { measures[.fillerCount] = Measure(fillers, unit: "1", definition: "d") }
        measures[.fillersPerMinute] = Measure(4, unit: "1/min", definition: "d")
        return SpeechMetrics(measures: measures, fillerEvidence: evidence)
    }

    private func render(_ text: String = "um so here", _ evidence: Evidence = .measured) -> RichText {
        renderer.render(
            feedback: feedback(), transcript: transcript(text), metrics: metrics(evidence), isPartial: false)
    }

    @Test func `one focus with its words, their time and a better version`() {
        let text = render().text
        #expect(text.contains("At 1:05 you said “um so”."))
        #expect(text.contains("→ Stop instead."))
        #expect(text.contains("So, here is the point."))
        #expect(text.contains("Count to three."))
        #expect(!text.contains("Second."), "one focus per answer")
    }

    @Test func `numbers say what was measured and nothing else`() {
        #expect(render().text.contains("142 words/min · pauses: 3, longest 1.2 s · fillers: 2 (4.0/min)"))
        #expect(render("x", .lowerBound).text.contains("fillers: at least 2"))
        #expect(!render("x", .notAvailable).text.contains("filler"))
    }

    @Test func `no filler count of zero is claimed by a recogniser that drops them`() {
        let reply = renderer.render(
            feedback: feedback(), transcript: transcript("x"), metrics: metrics(.lowerBound, fillers: 0),
            isPartial: false)
        #expect(!reply.text.contains("filler"))
    }

    @Test func `a very long note still fits into one message`() {
        let reply = render(String(repeating: "word and 👨‍👩‍👧 more ", count: 2_000))
        #expect(reply.text.utf16.count <= ReplyRenderer.limit)
        for entity in reply.entities { #expect(entity.offset + entity.length <= reply.text.utf16.count) }
    }

    @Test func `even a model that writes without end fits into one message`() {
        let reply = renderer.render(
            feedback: feedback { $0.rewrite = String(repeating: "long ", count: 3_000) },
            transcript: transcript("x"), metrics: metrics(.measured), isPartial: true)
        #expect(reply.text.utf16.count <= ReplyRenderer.limit)
        for entity in reply.entities { #expect(entity.offset + entity.length <= reply.text.utf16.count) }
    }

    @Test func `empty parts leave no empty headings`() {
        let bare = renderer.render(
            feedback: feedback {
                $0.strengths = []
                $0.improvements = []
                $0.rewrite = ""
                $0.drill = ""
            }, transcript: transcript(""), metrics: SpeechMetrics(), isPartial: false)
        for heading in ["What went well", "One thing to change", "A better version", "drill"] {
            #expect(!bare.text.contains(heading))
        }
        #expect(bare.text.contains("(no words recognised)"))
    }
}
