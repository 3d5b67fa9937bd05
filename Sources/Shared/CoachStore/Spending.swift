package import CoachDomain

/// What one thing may cost; how far a budget goes.
package enum BudgetScope: String, Hashable, Sendable, Codable, CaseIterable {
    /// One voice note, from its first call to its last.
    case note
    case personDay = "person-day"
    case providerDay = "provider-day"
    case month
}

/// What may be spent, in micro-USD; `nil` is no limit. Days and months are those of UTC.
package struct SpendingLimits: Hashable, Sendable {
    package var perNote: Int64?
    package var perPersonDay: Int64?
    package var perProviderDay: Int64?
    package var perMonth: Int64?

    package init(
        perNote: Int64? = nil, perPersonDay: Int64? = nil, perProviderDay: Int64? = nil,
        perMonth: Int64? = nil
    ) {
        self.perNote = perNote
        self.perPersonDay = perPersonDay
        self.perProviderDay = perProviderDay
        self.perMonth = perMonth
    }

    package subscript(scope: BudgetScope) -> Int64? {
        switch scope {
        case .note: perNote
        case .personDay: perPersonDay
        case .providerDay: perProviderDay
        case .month: perMonth
        }
    }
}

/// A wish to spend.
package struct CostRequest: Hashable, Sendable {
    package var note: NoteID?
    package var job: JobID?
    package var provider: String
    package var model: String
    package var operation: ProviderCall.Operation
    /// The most that the call can cost.
    package var ceilingMicroUSD: Int64
    package var priceVersion: String
    /// After which the call has ended, however it ended.
    package var expiry: Duration

    package init(
        note: NoteID?, job: JobID?, provider: String, model: String, operation: ProviderCall.Operation,
        ceilingMicroUSD: Int64, priceVersion: String, expiry: Duration
    ) {
        self.note = note
        self.job = job
        self.provider = provider
        self.model = model
        self.operation = operation
        self.ceilingMicroUSD = ceilingMicroUSD
        self.priceVersion = priceVersion
        self.expiry = expiry
    }
}

/// What the ledger said to a wish.
package enum CostVerdict: Hashable, Sendable {
    /// The money is set aside under this number.
    case granted(Int64)
    /// It does not fit into this budget.
    case refused(BudgetScope)
    /// It fits alone, but not together with those asked for before it in the same breath; ask again.
    case crowded
}

/// What became of a call for which money was set aside.
package struct CostSettlement: Hashable, Sendable {
    package var reservation: Int64
    /// As it is booked; `nil` when nothing was sent, which costs nothing.
    package var call: ProviderCall?

    package init(reservation: Int64, call: ProviderCall?) {
        self.reservation = reservation
        self.call = call
    }
}

/// How much of one budget is gone.
package struct BudgetUse: Hashable, Sendable, Codable {
    package var scope: BudgetScope
    /// The provider of a provider's day; empty for others, which are those of one person or of all.
    package var subject: String
    package var spentMicroUSD: Int64
    /// Set aside for calls under way.
    package var reservedMicroUSD: Int64

    package init(scope: BudgetScope, subject: String = "", spentMicroUSD: Int64, reservedMicroUSD: Int64) {
        self.scope = scope
        self.subject = subject
        self.spentMicroUSD = spentMicroUSD
        self.reservedMicroUSD = reservedMicroUSD
    }

    package var usedMicroUSD: Int64 { spentMicroUSD + reservedMicroUSD }
}
