package import CoachDomain

/// How much of what may be spent is gone.
package enum SpendingLevel: String, Hashable, Sendable, Codable {
    case normal
    /// From 80 % of a budget on: the cheaper provider first, no rivals, no repairs.
    case tight
    /// Nothing may be spent: only what runs in this process.
    case exhausted
}

/// What a job is told about money before it chooses its providers.
package struct SpendingOutlook: Hashable, Sendable {
    /// Of the note, of its speaker's day and of the month, whichever is worst.
    package var level: SpendingLevel
    /// By the name of a provider, where the money of its own day is short or gone.
    package var providers: [String: SpendingLevel]

    package init(level: SpendingLevel = .normal, providers: [String: SpendingLevel] = [:]) {
        self.level = level
        self.providers = providers
    }
}

/// One call that will cost money.
package struct SpendingRequest: Hashable, Sendable {
    package var key: ProviderKey
    package var job: JobID?
    package var note: NoteID?
    /// The most that the call can cost.
    package var microUSD: Int64
    package var priceVersion: String
    /// When the call has ended, however it ends.
    package var deadline: ContinuousClock.Instant

    package init(
        key: ProviderKey, job: JobID?, note: NoteID?, microUSD: Int64, priceVersion: String,
        deadline: ContinuousClock.Instant
    ) {
        self.key = key
        self.job = job
        self.note = note
        self.microUSD = microUSD
        self.priceVersion = priceVersion
        self.deadline = deadline
    }
}

/// Decides about money: sets aside before a call, books after it.
package protocol SpendingGate: Sendable {
    /// What is left for a note; asked once by each job, before providers are chosen.
    func outlook(note: NoteID?) async -> SpendingOutlook

    /// Sets money aside, atomically among all processes.
    ///
    /// - Returns: Its number; `nil` when a budget does not allow the call, or nobody can say whether it does.
    func reserve(_ request: SpendingRequest) async -> Int64?

    /// Books what became of the call and gives back the rest, in the background: nobody waits for it, and no
    /// cancellation prevents it. What is never settled is booked in full when it expires.
    ///
    /// - Parameter call: `nil` when nothing was sent.
    func settle(_ reservation: Int64, _ call: ProviderCall?)
}

/// For programs without a ledger: everything is allowed and nothing is kept.
package struct OpenPurse: SpendingGate {
    package init() {}

    package func outlook(note: NoteID?) async -> SpendingOutlook { SpendingOutlook() }

    package func reserve(_ request: SpendingRequest) async -> Int64? { 0 }

    package func settle(_ reservation: Int64, _ call: ProviderCall?) {}
}
