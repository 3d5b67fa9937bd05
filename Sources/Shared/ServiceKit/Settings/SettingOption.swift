/// A setting given on the command line.
package struct SettingOption: Sendable, Equatable {
    /// The option as the user typed it, for messages: `--concurrency`.
    let option: String
    let setting: String
    let value: String

    package init<Value>(_ option: String, for setting: Setting<Value>, value: String) {
        self.option = option
        self.setting = setting.name
        self.value = value
    }
}
