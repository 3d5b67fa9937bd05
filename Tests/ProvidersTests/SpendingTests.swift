import CoachDomain
import Foundation
import HTTPTransport
import ProviderFakes
import Synchronization
import Testing

@testable import Providers

/// A purse of one's own: says what it is told to and writes everything down.
final class NotedPurse: SpendingGate {
    struct Note: Hashable {
        var reserved: [SpendingRequest] = []
        var settled: [Int64: ProviderCall?] = [:]
    }

    private let said: SpendingOutlook
    private let pays: @Sendable (SpendingRequest) -> Bool
    private let note = Mutex(Note())

    init(
        _ outlook: SpendingOutlook = SpendingOutlook(),
        pays: @escaping @Sendable (SpendingRequest) -> Bool = { _ in true }
    ) {
        said = outlook
        self.pays = pays
    }

    var notes: Note { note.withLock { $0 } }

    func outlook(note: NoteID?) async -> SpendingOutlook { said }

    func reserve(_ request: SpendingRequest) async -> Int64? {
        guard pays(request) else { return nil }
        return note.withLock {
            $0.reserved.append(request)
            return Int64($0.reserved.count)
        }
    }

    func settle(_ reservation: Int64, _ call: ProviderCall?) {
        note.withLock { $0.settled[reservation] = .some(call) }
    }
}

/// Answers at once, or waits until it is stopped.
private struct ScriptedModel: LanguageModel {
    let descriptor: ModelDescriptor
    var answer: Result<String, ProviderError>?

    init(_ name: String, _ model: String, _ answer: Result<String, ProviderError>? = .success("{}")) {
        descriptor = ModelDescriptor(name: name, model: model)
        self.answer = answer
    }

    func complete(_ request: StructuredRequest, context: CallContext) async throws(ProviderError)
        -> ModelAnswer
    {
        guard let answer else {
            do {
                try await Task.sleep(until: context.deadline, clock: .continuous)
            } catch {
                throw .cancelled
            }
            throw .timedOut(mayHaveActed: true)
        }
        return ModelAnswer(text: try answer.get(), usage: ProviderUsage(inputTokens: 10, outputTokens: 10))
    }

    func check(deadline: ContinuousClock.Instant) async throws(ProviderError) {}
}

@Suite struct ChainSpendingTests {
    private func chain(
        _ models: [any LanguageModel], cheap: [any LanguageModel] = [], _ purse: NotedPurse,
        _ settings: ProviderBoard.Settings = .init()
    ) -> CoachChain {
        CoachChain(
            models: models, cheapModels: cheap, prices: Samples.prices,
            health: ProviderHealth(settings: settings), purse: purse)
    }

    private func coach(_ chain: CoachChain) async -> CoachOutcome {
        await chain.coach(
            Samples.transcript(), metrics: SpeechMetrics(), language: nil,
            context: Samples.context(seconds: 60))
    }

    private let dear = ScriptedModel("openai", "gpt-6-astra", .failure(.tooLarge))
    private let cheap = ScriptedModel("openai", "gpt-6-luna", .failure(.tooLarge))
    private let other = ScriptedModel("anthropic", "claude-sonnet-5-5", .failure(.tooLarge))
    private let local = ScriptedModel("local-llm", "any", .failure(.tooLarge))

    @Test(arguments: [SpendingLevel.normal, .tight, .exhausted])
    func `nobody is asked for whom nobody pays`(level: SpendingLevel) async {
        let purse = NotedPurse(SpendingOutlook(level: level), pays: { _ in false })
        let outcome = await coach(chain([dear, other], purse))
        #expect(outcome.feedback.provider == "rules" && outcome.calls.isEmpty)
    }

    @Test func `from four fifths of a budget on the cheap come first, at its end only what is free`() async {
        func asked(_ outlook: SpendingOutlook) async -> [String] {
            await coach(chain([dear, other, local], cheap: [cheap], NotedPurse(outlook))).calls.map(\.model)
        }
        #expect(await asked(.init()) == ["gpt-6-astra", "claude-sonnet-5-5", "any"])
        #expect(
            await asked(.init(level: .tight)) == ["any", "gpt-6-luna", "claude-sonnet-5-5", "gpt-6-astra"])
        #expect(await asked(.init(level: .exhausted)) == ["any"])
        // The day of one provider: its cheap model, after the others; then without it.
        #expect(
            await asked(.init(providers: ["openai": .tight])) == ["claude-sonnet-5-5", "any", "gpt-6-luna"])
        #expect(await asked(.init(providers: ["openai": .exhausted])) == ["claude-sonnet-5-5", "any"])
        #expect(
            await asked(.init(level: .tight, providers: ["openai": .exhausted]))
                == ["any", "claude-sonnet-5-5"])
    }

    @Test func `every call is paid for in advance at its most and settled at its bill, failed or not`()
        async throws
    {
        let purse = NotedPurse()
        let failing = [
            ScriptedModel("openai", "gpt-6-luna", .failure(.server(status: 500))),
            ScriptedModel("anthropic", "claude-haiku-5-5", .failure(.timedOut(mayHaveActed: true))),
            ScriptedModel("gemini", "gemini-3.5-flash-lite", .success("no JSON")),
        ]
        let outcome = await coach(chain(failing, purse))
        let notes = purse.notes
        // The author of the unusable answer is asked once to mend it.
        #expect(notes.reserved.map(\.key.provider) == ["openai", "anthropic", "gemini", "gemini"])
        #expect(outcome.calls.map(\.reservation) == [1, 2, 3, 4])
        for (number, request) in notes.reserved.enumerated() {
            let call = try #require(notes.settled[Int64(number + 1)] ?? nil)
            #expect(call == outcome.calls[number])
            #expect(call.costMicroUSD <= request.microUSD && request.microUSD > 0)
        }
        #expect(outcome.calls[0].costMicroUSD == 0, "a 500 is not billed")
        #expect(outcome.calls[1].costMicroUSD > 0, "a call that may have acted is")
        #expect(outcome.calls[2].units == ["input_token": 10, "output_token": 10])
    }

    @Test func `a loser is settled too, under the number that its row was stored with`() async throws {
        let purse = NotedPurse()
        var settings = ProviderBoard.Settings()
        settings.hedgeDelay = .milliseconds(20)...(.milliseconds(20))
        let winner = try FakeAnthropic(apiKey: "sk-ant")
        let adapter = try #require(
            ProviderCatalog(client: HTTPClient()).languageModel(
                named: "anthropic",
                AdapterSettings(apiKey: "sk-ant", baseURL: winner.baseURL, model: "claude-haiku-5-5")))
        let silent = ScriptedModel("openai", "gpt-6-luna", nil)
        let outcome = await coach(chain([silent, adapter], purse, settings))
        #expect(outcome.feedback.provider == "anthropic")
        let loser = try #require(outcome.calls.first { $0.provider == "openai" })
        let number = try #require(loser.reservation)
        while purse.notes.settled[number] == nil { await Task.yield() }
        let settled = try #require(purse.notes.settled[number] ?? nil)
        #expect(settled.failure == "cancelled" && settled.costMicroUSD == loser.costMicroUSD)
        #expect(settled.costMicroUSD > 0)
    }

    @Test func `cancelled before it was sent, a call gives all of its money back`() async {
        /// Pays only after the job was cancelled.
        final class SlowPurse: SpendingGate {
            let released = Mutex<[Int64]>([])
            func outlook(note: NoteID?) async -> SpendingOutlook { SpendingOutlook() }
            func reserve(_ request: SpendingRequest) async -> Int64? {
                withUnsafeCurrentTask { $0?.cancel() }
                return 7
            }
            func settle(_ reservation: Int64, _ call: ProviderCall?) {
                if call == nil { released.withLock { $0.append(reservation) } }
            }
        }
        let purse = SlowPurse()
        let chain = CoachChain(
            models: [ScriptedModel("openai", "gpt-6-luna", nil)], prices: Samples.prices,
            health: ProviderHealth(), purse: purse)
        let outcome = await coach(chain)
        #expect(outcome.calls.isEmpty && outcome.feedback.provider == "rules")
        #expect(purse.released.withLock { $0 } == [7])
    }

    @Test func `what costs nothing needs no money`() async {
        let purse = NotedPurse()
        let outcome = await coach(chain([local], purse))
        #expect(purse.notes.reserved.isEmpty && outcome.calls.count == 1)
        #expect(outcome.calls.first?.reservation == nil)
    }

    @Test func `a recogniser without money is passed over for one that costs nothing`() async throws {
        let paid = ScriptedRecognizer("deepgram", [.success("paid")])
        let free = ScriptedRecognizer("pocketsphinx", [.success("free")], isLocal: true)
        func text(_ outlook: SpendingOutlook, pays: Bool = true) async throws -> String {
            let chain = SpeechChain(
                recognizers: [paid, free], prices: Samples.prices, health: ProviderHealth(),
                purse: NotedPurse(outlook, pays: { _ in pays }))
            return try await chain.transcribe(
                audioSeconds: 1, supply: FixedSupply(), context: Samples.context()
            ).result.get().transcript.text
        }
        #expect(try await text(.init()) == "paid")
        #expect(try await text(.init(), pays: false) == "free")
        #expect(try await text(.init(level: .tight)) == "paid")
        #expect(try await text(.init(level: .exhausted)) == "free")
        #expect(try await text(.init(providers: ["deepgram": .exhausted])) == "free")
    }
}
