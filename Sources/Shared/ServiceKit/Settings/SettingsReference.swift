/// Writes `docs/configuration.md` from the catalogue.
package enum SettingsReference {
    /// The whole page.
    package static func markdown(_ catalogue: [SettingDeclaration] = SettingsCatalogue.all) -> String {
        var page = """
            # Configuration

            Each setting is read from the first place that has it:

            1. the command-line option, where a command has one for it (`--help` tells),
            2. the environment variable of its name,
            3. the key of the same name in the YAML file that `SPEECHCOACH_CONFIG` names,
            4. its default.

            An empty value counts as absent, an empty secret file too. A setting marked *secret* may instead come from a file: set the name
            with `_FILE` appended (`TELEGRAM_BOT_TOKEN_FILE=/run/secrets/bot-token`), in the environment or in the
            YAML file; one line end at the file's end is dropped. Giving both at one place is an error.

            The YAML file is flat, one `NAME: value` per line; a list may be written as a YAML list. A key that is
            not on this page is an error. `speechcoach doctor` checks all of it and says what to mend; a command
            that cannot use its settings ends with exit code 2.

            ```yaml
            DATABASE_URL_FILE: /run/secrets/database-url
            STT_PROVIDERS: [deepgram, pocketsphinx]
            MAX_AUDIO_SECONDS: 600
            ```

            This page is written from `SettingsCatalogue`; a test compares the two.

            """
        for group in SettingDeclaration.Group.allCases {
            page += "\n## \(group.rawValue)\n\n"
            if group == .providers { page += providerNotes }
            page += "| setting | value | unit | default | meaning | read by |\n|---|---|---|---|---|---|\n"
            for setting in catalogue where setting.group == group {
                page += row(setting)
            }
        }
        return page
    }

    private static let providerNotes = """
        A provider without its key, or a local one without its URL, is not in the chain. A base URL includes the
        version for OpenAI and the servers that speak its wire, and does not for the others, as in each vendor's
        own SDK. `GROQ_LLM_MODEL`, `LOCAL_STT_LLM_MODEL` and `LOCAL_LLM_STT_MODEL` complete the four names that
        OpenAI-compatible servers share; no provider name uses them yet.


        """

    private static func row(_ setting: SettingDeclaration) -> String {
        let fallback =
            switch setting.fallback {
            case .value(let value): "`\(value)`"
            case .absent(let meaning): "none: \(meaning)"
            }
        let form = setting.form + (setting.isSecret ? "; *secret*" : "")
        let roles =
            setting.roles.isEmpty ? "all" : setting.roles.map { "`\($0.rawValue)`" }.joined(separator: ", ")
        return
            "| `\(setting.name)` | \(form) | \(setting.unit) | \(fallback) | \(setting.summary) | \(roles) |\n"
    }
}
