/// An error that knows how to describe itself without a secret, a file URL, a transcript or audio.
///
/// Adopt it only where ``SafeErrorDescription`` loses something an operator needs: the default shows
/// the type, the case and numbers, but no text, because text may come from a user or a provider.
package protocol LoggableError: Error {
    /// A short line for the operator; shown in logs as it stands, after ``LogRedaction``.
    var logDescription: String { get }
}
