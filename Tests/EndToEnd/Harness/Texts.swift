import Foundation
import ProviderFakes

/// The bot's words, from the file that translators edit.
enum Texts {
    private static let book = JSON(
        text: String(
            decoding: FileManager.default.contents(
                atPath: Fixtures.repository.appending(
                    path: "Sources/Shared/Conversation/Texts/en.json"
                ).path) ?? Data(), as: UTF8.self))

    static func answer(_ name: String) -> String { book?["answers"]?[name]?.string ?? "no text \(name)" }

    /// - Parameter minutes: The limit that is told to who sends too long a note.
    static func advice(_ name: String, minutes: Int = 1) -> String {
        (book?["advice"]?[name]?.string ?? "no text \(name)").replacing("{minutes}", with: "\(minutes)")
            .replacing(#/{minutes#(?<one>[^|]*)\|(?<other>[^}]*)}/#) { form in
                minutes == 1 ? form.output.one : form.output.other
            }
    }
}
