package import CoachDomain

/// How much of what may be spent is gone.
package enum SpendingLevel: String, Hashable, Sendable, Codable {
    case normal
    /// From 80 % of a budget on: the cheaper provider first, no rivals, no repairs.
    case tight
    /// Nothing may be spent: only what runs in this process.
    case exhausted
}

/// One call that will cost money.
package struct SpendingRequest: Hashable, Sendable {
    package var key: ProviderKey
    package var job: JobID?
    package var note: NoteID?
    /// The most that the call can cost.
    package var microUSD: Int64
    package var priceVersion: String

    package init(key: ProviderKey, job: JobID?, note: NoteID?, microUSD: Int64, priceVersion: String) {
        self.key = key
        self.job = job
        self.note = note
        self.microUSD = microUSD
        self.priceVersion = priceVersion
    }
}

/// Money that is set aside for one call.
package struct SpendingReservation: Hashable, Sendable {
    package var id: Int64
    package var microUSD: Int64

    package init(id: Int64, microUSD: Int64) {
        self.id = id
        self.microUSD = microUSD
    }
}

/// Decides about money: sets aside before a call, books after it.
package protocol SpendingGate: Sendable {
    /// What is left for a job; asked once, before providers are chosen.
    func level(job: JobID?, note: NoteID?) async -> SpendingLevel

    /// Sets money aside, atomically among all processes.
    ///
    /// - Returns: `nil` when a budget does not allow the call, or nobody can say whether it does.
    func reserve(_ request: SpendingRequest) async -> SpendingReservation?

    /// Books what the call really cost and gives back the rest. Never fails: a reservation that cannot be
    /// settled is booked in full when it expires.
    func settle(_ reservation: SpendingReservation, microUSD: Int64) async
}

/// For programs without a ledger: everything is allowed and nothing is kept.
package struct OpenPurse: SpendingGate {
    package init() {}

    package func level(job: JobID?, note: NoteID?) async -> SpendingLevel { .normal }

    package func reserve(_ request: SpendingRequest) async -> SpendingReservation? {
        SpendingReservation(id: 0, microUSD: request.microUSD)
    }

    package func settle(_ reservation: SpendingReservation, microUSD: Int64) async {}
}
