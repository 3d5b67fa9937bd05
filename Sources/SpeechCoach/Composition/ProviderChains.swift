import AudioEngine
import AudioWorker
import CoachDomain
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
    private let settings: Settings
    private let prices: PriceTable
    private let logger: Logger

    /// - Throws: `DecodingError` when the price table in the program is malformed.
    init(settings: Settings, http: HTTPClient, logger: Logger) throws {
        self.settings = settings
        self.logger = logger
        prices = try PriceTable.bundled()
        let catalog = ProviderCatalog(client: http)
        recognizers = settings.providers.speech.compactMap { link in
            guard let endpoint = link.endpoint else { return Self.localRecognizer(logger) }
            return Self.known(
                catalog.recognizer(named: link.name.rawValue, AdapterSettings(endpoint)),
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
    }

    func transcriber() -> NoteTranscriber {
        NoteTranscriber(
            engine: AudioEngine(),
            chain: SpeechChain(
                recognizers: recognizers, prices: prices, health: ProviderHealth(), ranking: ranking),
            options: PreparationOptions(settings.audio))
    }

    /// An operator's order stands; the default one only breaks ties.
    private var ranking: RecognizerRanking {
        settings.providers.isSpeechOrderGiven ? .asGiven : .byCapability
    }

    func coaches() -> CoachChain {
        CoachChain(models: models, prices: prices, health: ProviderHealth())
    }

    /// - Parameter purse: Asked before every call that costs.
    func speakers(purse: any SpendingGate = OpenPurse()) -> SynthesisChain {
        SynthesisChain(
            synthesizers: synthesizers, prices: prices, health: ProviderHealth(), purse: purse)
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
