import Foundation

/// Where an acoustic model, a language model and a dictionary lie.
///
/// The files are looked at before the library is called, because it ends the process over a missing one.
package struct PocketSphinxModel: Hashable, Sendable {
    /// Where Debian's `pocketsphinx-en-us` installs it.
    package static let defaultDirectory = "/usr/share/pocketsphinx/model/en-us"

    /// Name for transcripts and the ledger.
    package let name: String
    let acoustic: String
    let language: String
    let dictionary: String

    /// Finds the American English model.
    ///
    /// - Parameter directory: Holds `en-us/`, `en-us.lm.bin` and `cmudict-en-us.dict`.
    /// - Throws: ``PocketSphinxError/modelMissing(path:)``, which names the package to install.
    package init(directory: String = PocketSphinxModel.defaultDirectory) throws(PocketSphinxError) {
        name = "en-us-ptm"
        acoustic = "\(directory)/en-us"
        language = "\(directory)/en-us.lm.bin"
        dictionary = "\(directory)/cmudict-en-us.dict"
        let parts = [
            "mdef", "means", "variances", "transition_matrices", "sendump", "feat.params", "noisedict",
        ]
        for path in parts.map({ "\(acoustic)/\($0)" }) + [language, dictionary]
        where !FileManager.default.isReadableFile(atPath: path) {
            throw .modelMissing(path: path)
        }
    }
}
