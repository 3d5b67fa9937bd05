/// What this build is.
package enum Build {
    /// The released version, semantic versioning.
    package static let version = "0.1.0"
}
