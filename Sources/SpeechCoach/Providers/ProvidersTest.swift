import ArgumentParser
import CoachDomain
import CoachStore
import Foundation
import HTTPTransport
import Logging
import Postgres
import Providers
import ServiceKit

extension ProvidersCommand {
    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make one tiny real call to a provider.",
            discussion: """
                Has one second of a tone recognised, one word answered in JSON, or one word
                spoken; costs a fraction of a cent, which is booked where a ledger is configured. Asks the
                provider whatever its breaker says. Exit code 1 when the answer is of no use,
                4 when a budget is used up.

                EXAMPLE
                  speechcoach providers test openai
                  speechcoach providers test openai --operation speech --json
                """)

        @Argument(help: "The provider.")
        var provider: ProviderName

        @Option(help: "Only this; otherwise all that the provider is configured for.")
        var operation: ProviderCall.Operation?

        @Option(help: ArgumentHelp("How long to wait for the answer.", valueName: "seconds"))
        var timeout: Int = 30

        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: SettingsOptions

        func validate() throws {
            guard (1...600).contains(timeout) else {
                throw ValidationError("--timeout \(timeout): seconds within 1…600 are needed")
            }
        }

        private struct Document: Encodable { var trials: [Trial] }

        func run() async throws {
            let settings = try await Settings.load(options: settings.overrides)
            let http = HTTPClient()
            let chains = try ProviderChains(
                settings: settings, http: http,
                logger: Logger(label: "providers") { _ in SwiftLogNoOpLogHandler() })
            let subjects = try subjects(chains, settings)
            let booker = try TrialBooker(settings)
            var trials: [Trial] = []
            do {
                for subject in subjects {
                    trials.append(
                        try await booker.book(subject.key, chains.prices) {
                            try await subject.call(.now + .seconds(timeout))
                        })
                }
            } catch {
                await booker.close()
                await http.shutdown()
                throw error
            }
            await booker.close()
            await http.shutdown()
            if output.json {
                try Output.json(Document(trials: trials))
            } else {
                for trial in trials { Output.line(trial.line) }
            }
            if trials.contains(where: { !$0.ok }) { throw CommandFailure.silent(.failed) }
        }

        private struct Subject {
            var key: ProviderKey
            var call: (ContinuousClock.Instant) async throws -> ProviderUsage
        }

        /// - Throws: ``CommandFailure`` that names the missing setting.
        private func subjects(_ chains: ProviderChains, _ settings: Settings) throws -> [Subject] {
            var subjects: [Subject] = []
            if operation ?? .speech == .speech {
                for recognizer in chains.recognizers where recognizer.descriptor.name == provider.name {
                    subjects.append(
                        Subject(key: recognizer.descriptor.key) { deadline in
                            try await TrialCall.recognize(with: recognizer, deadline: deadline)
                        })
                }
            }
            if operation ?? .coaching == .coaching {
                for model in chains.models where model.descriptor.name == provider.name {
                    subjects.append(
                        Subject(key: model.descriptor.key) { deadline in
                            try await TrialCall.ask(model, deadline: deadline)
                        })
                }
            }
            if operation ?? .voice == .voice {
                for synthesizer in chains.synthesizers where synthesizer.descriptor.name == provider.name {
                    subjects.append(
                        Subject(key: synthesizer.descriptor.key) { deadline in
                            try await TrialCall.speak(with: synthesizer, deadline: deadline)
                        })
                }
            }
            guard subjects.isEmpty else { return subjects }
            if provider.name == CoachProviderName.inProcess.rawValue {
                throw CommandFailure(
                    .refused, "rules needs no call: it is part of this program and always answers")
            }
            let missing = settings.providers.skipped.first { $0.name == provider.name }?.missing
            throw CommandFailure(
                .unusable,
                missing.map { "\(provider.name) cannot be called: \($0) is not set" }
                    ?? "\(provider.name) is in no chain for \(operation?.rawValue ?? "anything"): name it in "
                    + "STT_PROVIDERS, LLM_PROVIDERS or TTS_PROVIDERS")
        }
    }
}

/// How one trial ended.
struct Trial: Encodable {
    var provider: String
    var model: String
    var operation: ProviderCall.Operation
    var ok: Bool
    var seconds: Double
    var costMicroUSD: Int64
    /// Class of the failure.
    var failure: String?
    /// What to do about it.
    var mend: String?

    var line: String {
        let what = "\(provider)/\(model) (\(operation.rawValue))"
        let time = String(format: "%.2f s", seconds)
        if ok { return "ok       \(what): answered in \(time), \(costMicroUSD) µUSD" }
        return "PROBLEM  \(what): \(failure ?? "failed") after \(time). \(mend ?? "")"
    }
}

/// Books trials like any other call, where there is a ledger.
private struct TrialBooker {
    private let ledger: Ledger?
    private let limits: SpendingLimits

    init(_ settings: Settings) throws {
        limits = SpendingLimits(settings.spending)
        // Without a ledger there are no books to keep.
        guard let postgres = try? settings.operatorPostgres() else {
            ledger = nil
            return
        }
        ledger = Ledger(
            pool: try PostgresPool(
                configuration: PostgresConfiguration(uri: postgres.uri.value, poolSize: 1)),
            actor: OperatorSession.actor)
    }

    func close() async { await ledger?.pool.close() }

    /// - Throws: ``CommandFailure`` when a budget is used up or the ledger does not answer; nothing was called.
    func book(
        _ key: ProviderKey, _ prices: PriceTable, _ call: () async throws -> ProviderUsage
    ) async throws -> Trial {
        let reservation = try await reserve(
            key, prices.cost(of: key, usage: TrialCall.most(key.operation), at: .now))
        let start = ContinuousClock.now
        var usage = ProviderUsage()
        var failure: ProviderError?
        do {
            usage = try await call()
        } catch let error as ProviderError {
            failure = error
            if error.mayBeBilled { usage = TrialCall.most(key.operation) }
        }
        let seconds = (.now - start) / .seconds(1)
        let cost = prices.cost(of: key, usage: usage, at: .now)
        if let ledger, let reservation {
            let row = ProviderCall(
                provider: key.provider, model: key.model, operation: key.operation, units: usage.units,
                costMicroUSD: cost.microUSD, priceVersion: cost.priceVersion, latencySeconds: seconds,
                outcome: failure.map { $0.mayBeBilled ? .failedBilled : .failedFree } ?? .success,
                failure: failure?.name, reservation: reservation)
            _ = try await ledger.book(
                [CostSettlement(reservation: reservation, call: row)], [], limits: limits)
        }
        return Trial(
            provider: key.provider, model: key.model, operation: key.operation, ok: failure == nil,
            seconds: seconds, costMicroUSD: cost.microUSD, failure: failure.map { "\($0)" },
            mend: failure?.mend)
    }

    private func reserve(_ key: ProviderKey, _ most: PriceTable.Cost) async throws -> Int64? {
        guard let ledger, most.microUSD > 0 else { return nil }
        let verdict = try await ledger.book(
            [],
            [
                CostRequest(
                    note: nil, job: nil, provider: key.provider, model: key.model, operation: key.operation,
                    ceilingMicroUSD: most.microUSD, priceVersion: most.priceVersion, expiry: .seconds(660))
            ], limits: limits
        ).first
        switch verdict {
        case .granted(let id): return id
        case .refused(let budget):
            throw CommandFailure(
                .refused, "the budget is used up: raise \(budget.setting), or wait for its next period")
        case .crowded, nil: return nil
        }
    }
}

extension BudgetScope {
    /// The setting that limits it.
    var setting: String {
        switch self {
        case .note: SettingsCatalogue.budgetPerNote.name
        case .personDay: SettingsCatalogue.budgetPerPerson.name
        case .providerDay: SettingsCatalogue.budgetPerProvider.name
        case .month: SettingsCatalogue.budgetPerMonth.name
        }
    }
}
