/// The colours of all pictures; the same roles in daylight and at night.
///
/// Text keeps a contrast of at least 4.5 : 1 to what it stands on, lines at least 3 : 1 (WCAG 2.2), and nothing
/// is told by colour alone: every mark has a shape or a word as well.
package enum Theme: String, Hashable, Sendable, CaseIterable {
    case light, dark

    private func pick(_ light: UInt32, _ dark: UInt32) -> Color {
        Color(self == .light ? light : dark)
    }

    /// Around the panels.
    package var ground: Color { pick(0xEEF1F6, 0x0D1117) }
    package var panel: Color { pick(0xFFFFFF, 0x171D26) }
    package var text: Color { pick(0x141922, 0xF1F4F8) }
    /// Labels and units.
    package var quiet: Color { pick(0x5D6878, 0x9DA9B8) }
    package var grid: Color { pick(0xE3E8EF, 0x2A3340) }
    package var voice: Color { pick(0x2F6BFF, 0x6FA0FF) }
    package var melody: Color { pick(0x7A4FE0, 0xB194FF) }
    /// Where nothing is said.
    package var pause: Color { pick(0xE0E6F0, 0x2B3646) }
    /// What the speaker may want to look at.
    package var watch: Color { pick(0xD9540B, 0xFF9A52) }
    package var good: Color { pick(0x13875A, 0x4FD39C) }
    /// A comfortable range.
    package var band: Color { pick(0xDDF4E8, 0x173A30) }
    /// The speaker's own usual range, which is neither good nor bad.
    package var usual: Color { pick(0xE2EAFB, 0x202E4A) }
    /// What was taken out of a recording.
    package var cut: Color { pick(0xF9DFD3, 0x472B20) }
}
