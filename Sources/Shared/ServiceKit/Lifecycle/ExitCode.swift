/// How a command ended, for scripts; part of the contract.
package enum ExitCode: Int32, Sendable, CaseIterable {
    case done = 0
    case failed = 1
    /// Unusable arguments or configuration; the message names the argument, the value and the mend.
    case unusable = 2
    case notFound = 3
    /// The state of the thing does not allow what was asked.
    case refused = 4
}
