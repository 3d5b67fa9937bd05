import AudioEngine
import AudioWorker
import CoachDomain
import CoachStore
import Foundation
import HTTPTransport
import Logging
import PocketSphinx
import Providers
import ServiceKit

/// Recognisers, coaches and synthesisers as the settings order them; made once per process.
struct ProviderChains: Sendable {
    /// Every recogniser that can be used, in order; the one in this process is always last.
    let recognizers: [any SpeechRecognizer]
    /// Every language model that can be used, in order; the rules coach comes by itself.
    let models: [any LanguageModel]
    /// Every synthesiser that can be used, in order; the one on this machine is always last.
    let synthesizers: [any SpeechSynthesizer]
    /// For the days when money is short; only where it is not the usual one.
    let cheapModels: [any LanguageModel]
    let prices: PriceTable
    /// One for all chains: what is shared with other processes is kept by provider, model and operation.
    let health: ProviderHealth
    private let purse: any SpendingGate
    private let settings: Settings
    private let logger: Logger

    /// - Parameter purse: Pays; without a ledger nobody keeps books.
    /// - Throws: ``CommandFailure`` when `PRICE_LIST` cannot be read.
    init(
        settings: Settings, http: HTTPClient, logger: Logger, purse: any SpendingGate = OpenPurse()
    ) throws {
        self.settings = settings
        self.logger = logger
        self.purse = purse
        let prices = try Self.prices(settings)
        self.prices = prices
        var board = ProviderBoard.Settings()
        board.ceilings = settings.providers.concurrency
        health = ProviderHealth(settings: board)
        let catalog = ProviderCatalog(client: http)
        recognizers = settings.providers.speech.compactMap { link in
            guard let endpoint = link.endpoint else { return Self.localRecognizer(logger) }
            return Self.known(
                Self.recognizer(link.name.rawValue, AdapterSettings(endpoint), catalog, prices),
                link.name.rawValue, logger)
        }
        // One thread: a spoken reply is a second's work and waits for nobody.
        let engine = AudioEngine(threads: 1)
        synthesizers = settings.providers.voice.compactMap { link in
            guard let endpoint = link.endpoint else {
                return EspeakSynthesis(voice: link.voice, engine: engine)
            }
            return Self.known(
                catalog.synthesizer(
                    named: link.name.rawValue, AdapterSettings(endpoint), voice: link.voice ?? "",
                    engine: engine), link.name.rawValue, logger)
        }
        models = settings.providers.coaching.compactMap { link in
            guard let endpoint = link.endpoint else { return nil }
            return Self.known(
                catalog.languageModel(named: link.name.rawValue, AdapterSettings(endpoint)),
                link.name.rawValue, logger)
        }
        cheapModels = settings.providers.coaching.compactMap { link in
            guard let endpoint = link.endpoint, let model = endpoint.cheapModel, model != endpoint.model
            else {
                return nil
            }
            var adapter = AdapterSettings(endpoint)
            adapter.model = model
            return catalog.languageModel(named: link.name.rawValue, adapter)
        }
    }

    func transcriber() -> NoteTranscriber {
        NoteTranscriber(
            engine: AudioEngine(),
            chain: SpeechChain(
                recognizers: recognizers, prices: prices, health: health, ranking: ranking, purse: purse,
                routing: QualityRouting(settings.providers.speechRouting)),
            options: PreparationOptions(settings.audio))
    }

    /// An operator's order stands; the default one only breaks ties.
    var ranking: RecognizerRanking {
        settings.providers.isSpeechOrderGiven ? .asGiven : .byCapability
    }

    func coaches() -> CoachChain {
        CoachChain(
            models: models, cheapModels: cheapModels, prices: prices, health: health, purse: purse,
            routing: QualityRouting(settings.providers.coachRouting))
    }

    /// The list in the program, or the operator's.
    private static func prices(_ settings: Settings) throws -> PriceTable {
        guard let path = settings.spending.priceList else { return try PriceTable.bundled() }
        do {
            return try PriceTable(json: try Data(contentsOf: URL(fileURLWithPath: path)))
        } catch {
            throw CommandFailure(
                .unusable,
                "PRICE_LIST: \(path) is no price list that can be read. Start from "
                    + "Sources/Shared/Providers/Resources/prices.json, or leave the setting out.")
        }
    }

    /// With its successor, when its vendor has said that it ends.
    private static func recognizer(
        _ name: String, _ adapter: AdapterSettings, _ catalog: ProviderCatalog, _ prices: PriceTable
    ) -> (any SpeechRecognizer)? {
        guard let current = catalog.recognizer(named: name, adapter) else { return nil }
        guard let end = prices.retirement(of: current.descriptor.key), let date = end.date,
            let model = end.successor
        else { return current }
        var next = adapter
        next.model = model
        guard let successor = catalog.recognizer(named: name, next) else { return current }
        return SucceedingRecognizer(current, successor: successor, from: date)
    }

    func speakers() -> SynthesisChain {
        SynthesisChain(synthesizers: synthesizers, prices: prices, health: health, purse: purse)
    }

    /// When the vendor takes a model away, if that has been announced.
    func retirement(of key: ProviderKey) -> PriceTable.Retirement? { prices.retirement(of: key) }

    /// Loads the model of the recogniser in this process when it is the first in line, so that the first note
    /// does not wait for it. With others before it the memory is better left alone.
    func warmUp() async {
        guard let first = recognizers.first as? PocketSphinxRecognizer else { return }
        do {
            try await first.check(deadline: .now + .seconds(60))
        } catch {
            logger.warning("the local recogniser could not be loaded", metadata: ["error": "\(error)"])
        }
    }

    /// `nil` without its model: then a note waits for a recogniser that can be reached.
    private static func localRecognizer(_ logger: Logger) -> PocketSphinxRecognizer? {
        do {
            let threads = max(1, ProcessInfo.processInfo.activeProcessorCount - 1)
            return PocketSphinxRecognizer(
                pool: PocketSphinxPool(model: try PocketSphinxModel(), threads: threads))
        } catch {
            logger.warning(
                "no recogniser in this process: install the Debian package pocketsphinx-en-us")
            return nil
        }
    }

    private static func known<Adapter>(_ adapter: Adapter?, _ name: String, _ logger: Logger) -> Adapter? {
        if adapter == nil {
            logger.warning(
                "this version has no adapter for a configured provider", metadata: ["provider": "\(name)"])
        }
        return adapter
    }
}

extension AdapterSettings {
    init(_ endpoint: ProviderEndpoint) {
        self.init(apiKey: endpoint.apiKey?.value, baseURL: endpoint.baseURL, model: endpoint.model)
    }
}

extension QualityRouting {
    init(_ choice: RoutingChoice) {
        self =
            switch choice {
            case .order: .order
            case .weights(let weights): .weights(weights)
            case .canary(let name, let share): .canary(name, share: share)
            }
    }
}

extension SpendingLimits {
    init(_ settings: SpendingSettings) {
        self.init(
            perNote: settings.perNote.microUSD, perPersonDay: settings.perPersonDay.microUSD,
            perProviderDay: settings.perProviderDay.microUSD, perMonth: settings.perMonth.microUSD)
    }
}
