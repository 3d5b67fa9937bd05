import Foundation

/// A sum of money, or none at all as a limit.
package enum MoneyLimit: Sendable, Hashable {
    case none
    case microUSD(Int64)

    package var microUSD: Int64? {
        guard case .microUSD(let amount) = self else { return nil }
        return amount
    }
}

extension SettingForm where Value == MoneyLimit {
    /// Exact to the millionth of a dollar: `0.05`, `100`, or `none`.
    static let moneyLimit = SettingForm(words: "0…1000000 with at most six decimals, or none") {
        text throws(SettingFault) in
        let mend = "an amount like 0.05, or none for no limit"
        if text == "none" { return .none }
        guard text.wholeMatch(of: /[0-9]{1,7}(\.[0-9]{1,6})?/) != nil, let amount = Decimal(string: text)
        else { throw SettingFault(problem: "no amount of USD", mend: mend) }
        guard amount <= 1_000_000 else { throw SettingFault(problem: "out of range", mend: mend) }
        return .microUSD(NSDecimalNumber(decimal: amount * 1_000_000).int64Value)
    }
}

/// What may be spent; days and months are those of UTC.
package struct SpendingSettings: Sendable, Equatable {
    package let perNote: MoneyLimit
    package let perPersonDay: MoneyLimit
    package let perProviderDay: MoneyLimit
    package let perMonth: MoneyLimit
    /// A price list instead of the one in the program.
    package let priceList: String?
}

extension SettingsCatalogue {
    private static let spenders: [Role] = [.demo, .up, .audioWorker, .feedbackWorker, .providers]

    package static let budgetPerNote = Setting(
        "BUDGET_USD_PER_NOTE", .budgets, .moneyLimit, unit: "USD", default: .value("0.25"),
        "What one voice note may cost from its first call to its last.", roles: spenders)
    package static let budgetPerPerson = Setting(
        "BUDGET_USD_PER_PERSON_DAY", .budgets, .moneyLimit, unit: "USD", default: .value("2"),
        "What the notes of one person may cost in a day.", roles: spenders)
    package static let budgetPerProvider = Setting(
        "BUDGET_USD_PER_PROVIDER_DAY", .budgets, .moneyLimit, unit: "USD", default: .value("20"),
        "What one provider may cost in a day; others go on.", roles: spenders)
    package static let budgetPerMonth = Setting(
        "BUDGET_USD_PER_MONTH", .budgets, .moneyLimit, unit: "USD", default: .value("100"),
        "What everything may cost in a month.", roles: spenders)
    package static let priceList = Setting(
        "PRICE_LIST", .budgets, .text, default: .absent("the list in the program"),
        "A file in the form of `Sources/Shared/Providers/Resources/prices.json`, for prices newer than the program.",
        roles: spenders + [.analyze])

    static let budgets: [SettingDeclaration] = [
        budgetPerNote.declaration, budgetPerPerson.declaration, budgetPerProvider.declaration,
        budgetPerMonth.declaration, priceList.declaration,
    ]
}

extension SpendingSettings {
    /// Nil only when the reader has gathered a problem.
    init?(_ reader: inout SettingsReader) {
        typealias Key = SettingsCatalogue
        let note = reader.read(Key.budgetPerNote)
        let person = reader.read(Key.budgetPerPerson)
        let provider = reader.read(Key.budgetPerProvider)
        let month = reader.read(Key.budgetPerMonth)
        priceList = reader.read(Key.priceList)
        guard let note, let person, let provider, let month else { return nil }
        (perNote, perPersonDay, perProviderDay, perMonth) = (note, person, provider, month)
    }
}
