import Testing

@testable import ProviderFakes

struct SamplerTests {
    @Test func `bounds, constants, references and nullable members are honored`() {
        let schema: JSONValue = [
            "type": "object",
            "properties": [
                "score": ["type": "integer", "minimum": 20, "maximum": 30], "version": ["const": 3],
                "items": ["type": "array", "minItems": 2, "items": ["$ref": "#/$defs/item"]],
                "rewrite": ["type": "string"], "maybe": ["anyOf": [["type": "null"], ["type": "boolean"]]],
            ],
            "$defs": ["item": ["type": "object", "properties": ["quoted_words": ["type": "string"]]]],
        ]
        let sample = SchemaSampler(schema: schema, quote: "my words", spoken: "All my words.", author: "x")
            .sample
        #expect(sample["score"] == 20)
        #expect(sample["version"] == 3)
        #expect(sample["items"] == [["quoted_words": "my words"], ["quoted_words": "my words"]])
        #expect(sample["maybe"] == true)
        #expect(sample["rewrite"] == "All my words.")
    }

    @Test func `a recursive schema ends`() {
        let schema: JSONValue = [
            "type": "object", "properties": ["next": ["$ref": "#"]],
        ]
        #expect(SchemaSampler(schema: schema, quote: "", spoken: "", author: "").sample.object != nil)
    }

    @Test(arguments: [
        "Coach this.\n<transcript lang=\"en\">\nHello dear all\n</transcript>\nBe kind.",
        "Coach this.\nTranscript:\n\nHello dear all\n\nBe kind.", "The transcript: Hello dear all",
        #"Coach this: {"note": {"transcript": "Hello dear all"}, "x": 1}"#,
        #"{"transcript": {"text": "Hello dear all"}}"#, "Hi.\nHello dear all\nBye.",
    ])
    func `the transcript is found in a prompt`(prompt: String) {
        #expect(SpokenText.find(in: [prompt]) == "Hello dear all")
    }
}
