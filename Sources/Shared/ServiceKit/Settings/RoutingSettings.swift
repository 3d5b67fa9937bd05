/// Which provider of a chain is asked first.
package enum RoutingChoice: Sendable, Hashable {
    /// The first of the list that can be asked.
    case order
    /// Each job draws by weight.
    case weights([String: Double])
    /// This share of the jobs, 0…1, goes to one provider first.
    case canary(String, share: Double)
}

extension SettingForm where Value == RoutingChoice {
    /// `order`, `weights:a=3,b=1` or `canary:a=0.05`, with the names of one kind of provider.
    static func routing<Name: RawRepresentable<String> & CaseIterable>(_ type: Name.Type) -> SettingForm {
        let names = Set(type.allCases.map(\.rawValue))
        let words = "order, weights:NAME=NUMBER,… or canary:NAME=SHARE"
        return SettingForm(words: words) { text throws(SettingFault) in
            if text == "order" { return .order }
            let halves = text.split(separator: ":", maxSplits: 1).map(String.init)
            guard halves.count == 2, ["weights", "canary"].contains(halves[0]) else {
                throw SettingFault(problem: "no way of routing", mend: words)
            }
            let isCanary = halves[0] == "canary"
            let numbers = try SettingForm<[String: Double]>.numbers(
                halves[1], names: names, range: isCanary ? 0...1 : 0...1_000_000)
            if !isCanary {
                guard numbers.values.contains(where: { $0 > 0 }) else {
                    throw SettingFault(problem: "a list of weights that are all zero", mend: words)
                }
                return .weights(numbers)
            }
            guard let canary = numbers.first, numbers.count == 1 else {
                throw SettingFault(
                    problem: "more than one provider on trial", mend: "one, like canary:NAME=0.05")
            }
            return .canary(canary.key, share: canary.value)
        }
    }
}

extension SettingForm where Value == [String: Double] {
    /// `a=3,b=1`, each name at most once.
    static func numbers(
        _ text: String, names: Set<String>, range: ClosedRange<Double>
    ) throws(SettingFault) -> [String: Double] {
        var numbers: [String: Double] = [:]
        for part in text.split(separator: ",") {
            let sides = part.split(separator: "=", maxSplits: 1).map {
                String($0).trimmingPrefix(while: \.isWhitespace)
            }
            guard let name = sides.first.map(String.init), names.contains(name) else {
                throw SettingFault(
                    problem: "a list with the unknown name \"\(sides.first.map(String.init) ?? "")\"",
                    mend: "names among: \(names.sorted().joined(separator: ", "))")
            }
            guard sides.count == 2, let number = Double(String(sides[1])), range.contains(number) else {
                throw SettingFault(
                    problem: "without a usable number for \(name)",
                    mend: "\(name)=NUMBER within \(range.lowerBound)…\(range.upperBound)")
            }
            guard numbers.updateValue(number, forKey: name) == nil else {
                throw SettingFault(problem: "a list that names \(name) twice", mend: "each name once")
            }
        }
        guard !numbers.isEmpty else {
            throw SettingFault(problem: "a list without a name", mend: "NAME=NUMBER, separated by commas")
        }
        return numbers
    }

    /// How many calls at a time each named provider bears at most.
    static func ceilings(_ names: [String]) -> SettingForm {
        SettingForm(words: "NAME=NUMBER,…") { text throws(SettingFault) in
            try numbers(text, names: Set(names), range: 1...10_000)
        }
    }
}

extension SettingsCatalogue {
    package static let speechRouting = Setting(
        "STT_ROUTING", .providers, .routing(SpeechProviderName.self), default: .value("order"),
        "Which recogniser is asked first: the first of the order, one drawn by weight, or for a share of the notes one on trial; the others follow in order.",
        roles: [.demo, .up, .audioWorker, .analyze, .providers])
    package static let coachRouting = Setting(
        "LLM_ROUTING", .providers, .routing(CoachProviderName.self), default: .value("order"),
        "The same for coaches.", roles: [.demo, .up, .feedbackWorker, .analyze, .providers])
    package static let providerConcurrency = Setting(
        "PROVIDER_CONCURRENCY", .providers,
        .ceilings(
            SpeechProviderName.allCases.map(\.rawValue) + CoachProviderName.allCases.map(\.rawValue)),
        default: .value("deepgram=50,local-llm=4,local-stt=4"),
        "The most calls at a time that one process makes to a provider; 64 for others. How many it bears is found out.",
        roles: [.demo, .up, .audioWorker, .feedbackWorker])
}
