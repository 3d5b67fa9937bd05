import AudioEngine
import AudioWorker
import CoachDomain
import Foundation
import HTTPTransport
import Logging
import PocketSphinx
import Providers
import ServiceKit

/// Recognisers and coaches as the settings order them.
struct ProviderChains: Sendable {
    let settings: Settings
    let http: HTTPClient
    let logger: Logger
    private let prices: PriceTable

    /// - Throws: `DecodingError` when the price table in the program is malformed.
    init(settings: Settings, http: HTTPClient, logger: Logger) throws {
        self.settings = settings
        self.http = http
        self.logger = logger
        prices = try PriceTable.bundled()
    }

    /// Every recogniser that can be used, in order; the one in this process is always last.
    func recognizers() -> [any SpeechRecognizer] {
        let catalog = ProviderCatalog(client: http)
        return settings.providers.speech.compactMap { link in
            guard let endpoint = link.endpoint else {
                return localRecognizer()
            }
            let recognizer = catalog.recognizer(named: link.name.rawValue, AdapterSettings(endpoint))
            if recognizer == nil { warn(link.name.rawValue) }
            return recognizer
        }
    }

    /// Every language model that can be used, in order; the rules coach comes by itself.
    func models() -> [any LanguageModel] {
        let catalog = ProviderCatalog(client: http)
        return settings.providers.coaching.compactMap { link in
            guard let endpoint = link.endpoint else { return nil }
            let model = catalog.languageModel(named: link.name.rawValue, AdapterSettings(endpoint))
            if model == nil { warn(link.name.rawValue) }
            return model
        }
    }

    func transcriber(threads: Int?) -> NoteTranscriber {
        NoteTranscriber(
            engine: AudioEngine(threads: threads),
            chain: SpeechChain(
                recognizers: recognizers(), prices: prices, health: ProviderHealth()),
            options: preparation)
    }

    func coaches() -> CoachChain {
        CoachChain(models: models(), prices: prices, health: ProviderHealth())
    }

    /// How notes are prepared, as far as settings decide it.
    var preparation: PreparationOptions {
        var options = PreparationOptions(maximumSeconds: settings.audio.longest.inSeconds)
        if case .fixed(let factor) = settings.audio.speed { options.speed = .fixed(factor) }
        return options
    }

    /// `nil` without its model: then a note waits for a recogniser that can be reached.
    private func localRecognizer() -> PocketSphinxRecognizer? {
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

    private func warn(_ name: String) {
        logger.warning(
            "this version has no adapter for a configured provider", metadata: ["provider": "\(name)"])
    }
}

extension AdapterSettings {
    init(_ endpoint: ProviderEndpoint) {
        self.init(apiKey: endpoint.apiKey?.value, baseURL: endpoint.baseURL, model: endpoint.model)
    }
}
