extension ProviderSettings {
    /// Nil only when the reader has gathered a problem.
    init?(_ reader: inout SettingsReader) {
        let before = reader.problems.count
        let givenOrder = reader.readGiven(SettingsCatalogue.speechProviders)
        // An unusable value has been reported and must not be reported twice.
        let speechOrder =
            givenOrder
            ?? (reader.problems.count == before ? reader.read(SettingsCatalogue.speechProviders) : nil)
        let coachOrder = reader.read(SettingsCatalogue.coachProviders)
        let voiceOrder = reader.read(SettingsCatalogue.voiceProviders)
        let localVoice = reader.read(SettingsCatalogue.espeakVoice)
        let speechRouting = reader.read(SettingsCatalogue.speechRouting)
        let coachRouting = reader.read(SettingsCatalogue.coachRouting)
        let concurrency = reader.read(SettingsCatalogue.providerConcurrency)
        var endpoints: [String: Endpoint] = [:]
        // All are read, also those in no chain: a malformed value is better told now than on the day of use.
        for keys in ProviderKeys.all { endpoints[keys.apiKey.name] = Endpoint(keys, &reader) }
        guard let speechOrder, let coachOrder, let voiceOrder, let speechRouting, let coachRouting,
            let concurrency
        else { return nil }
        (self.speechRouting, self.coachRouting, self.concurrency) = (speechRouting, coachRouting, concurrency)

        var skipped: [SkippedProvider] = []
        func skip(_ name: String, _ missing: String) {
            let entry = SkippedProvider(name: name, missing: missing)
            if !skipped.contains(entry) { skipped.append(entry) }
        }
        func link<Name: RawRepresentable<String>>(
            _ name: Name, _ keys: ProviderKeys?, model: KeyPath<Endpoint, String?>,
            cheap: KeyPath<Endpoint, String?>? = nil
        ) -> ProviderLink<Name>? {
            guard let keys else { return ProviderLink(name: name, endpoint: nil) }
            guard let endpoint = endpoints[keys.apiKey.name], let baseURL = endpoint.baseURL,
                let model = endpoint[keyPath: model]
            else {
                skip(name.rawValue, keys.baseURL.name)
                return nil
            }
            guard endpoint.apiKey != nil || keys.needsNoKey else {
                skip(name.rawValue, keys.apiKey.name)
                return nil
            }
            return ProviderLink(
                name: name,
                endpoint: ProviderEndpoint(
                    apiKey: endpoint.apiKey, baseURL: baseURL, model: model,
                    cheapModel: cheap.flatMap { endpoint[keyPath: $0] }))
        }
        speech = Self.ending(with: .inProcess, speechOrder).compactMap {
            link($0, .of($0), model: \.speechModel)
        }
        coaching = Self.ending(with: .inProcess, coachOrder).compactMap {
            link($0, .of($0), model: \.coachModel, cheap: \.cheapModel)
        }
        voice = Self.ending(with: .inProcess, voiceOrder).compactMap { name in
            let keys = ProviderKeys.of(name)
            guard let link = link(name, keys, model: \.voiceModel) else { return nil }
            let chosen = keys.map { endpoints[$0.apiKey.name]?.voice } ?? localVoice
            return VoiceLink(name: name, endpoint: link.endpoint, voice: chosen)
        }
        isSpeechOrderGiven = givenOrder != nil
        self.skipped = skipped
    }

    /// What is set for one provider.
    private struct Endpoint {
        var apiKey: Secret?
        var baseURL: String?
        var speechModel: String?
        var coachModel: String?
        var voiceModel: String?
        var voice: String?
        var cheapModel: String?

        init(_ keys: ProviderKeys, _ reader: inout SettingsReader) {
            apiKey = reader.read(keys.apiKey)
            baseURL = reader.read(keys.baseURL)
            speechModel = keys.speechModel.flatMap { reader.read($0) }
            coachModel = keys.coachModel.flatMap { reader.read($0) }
            voiceModel = keys.voiceModel.flatMap { reader.read($0) }
            voice = keys.voice.flatMap { reader.read($0) }
            cheapModel = keys.cheapModel.flatMap { reader.read($0) }
        }
    }

    /// `order` with `last` at its end, wherever and whether it stood before.
    private static func ending<Name: Equatable>(with last: Name, _ order: [Name]) -> [Name] {
        order.filter { $0 != last } + [last]
    }
}

extension ProviderKeys {
    /// Whether the provider is usable without a key: a local server is in the chain by its address.
    var needsNoKey: Bool { baseURL.declaration.defaultValue == nil }
}
