/// Why there is no picture. Nothing has been written or sent when one is thrown.
package enum PictureError: Error, Hashable, Sendable {
    /// Sides must be 1 to 8192 pixels.
    case unusableSize(width: Int, height: Int)
    /// No typeface is installed at all.
    case noFont(mend: String)
    /// Cairo gave up, for example for want of memory; its own words.
    case drawing(String)
    /// libpng gave up; its own words.
    case encoding(String)

    /// Whether drawing the same picture again can help.
    package var isTransient: Bool {
        switch self {
        case .unusableSize, .noFont: false
        case .drawing, .encoding: true
        }
    }
}
