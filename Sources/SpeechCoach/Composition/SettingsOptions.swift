import ArgumentParser
import ServiceKit

/// Options that every command takes for its settings; they win over the environment.
struct SettingsOptions: ParsableArguments {
    @Option(help: ArgumentHelp("YAML file with settings (SPEECHCOACH_CONFIG).", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("Lowest level that is logged (LOG_LEVEL).", valueName: "level"))
    var logLevel: String?

    @Option(help: ArgumentHelp("json or text (LOG_FORMAT).", valueName: "format"))
    var logFormat: String?

    var overrides: [SettingOption] {
        var options: [SettingOption] = []
        if let config {
            options.append(SettingOption("--config", for: SettingsCatalogue.configFile, value: config))
        }
        if let logLevel {
            options.append(SettingOption("--log-level", for: SettingsCatalogue.logLevel, value: logLevel))
        }
        if let logFormat {
            options.append(SettingOption("--log-format", for: SettingsCatalogue.logFormat, value: logFormat))
        }
        return options
    }
}
