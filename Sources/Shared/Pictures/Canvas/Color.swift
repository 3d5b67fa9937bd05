/// An sRGB colour; components and opacity 0…1.
package struct Color: Hashable, Sendable {
    package var red: Double
    package var green: Double
    package var blue: Double
    package var alpha: Double

    /// - Parameter hex: `0xRRGGBB`, as designers write it.
    package init(_ hex: UInt32, alpha: Double = 1) {
        red = Double(hex >> 16 & 0xFF) / 255
        green = Double(hex >> 8 & 0xFF) / 255
        blue = Double(hex & 0xFF) / 255
        self.alpha = alpha
    }

    /// The same colour, seen through.
    package func opacity(_ alpha: Double) -> Color {
        var color = self
        color.alpha = alpha
        return color
    }

    /// What is seen when this colour lies on an opaque one; with it large areas can be opaque, which a palette
    /// likes.
    package func over(_ ground: Color) -> Color {
        var color = self
        color.red = red * alpha + ground.red * (1 - alpha)
        color.green = green * alpha + ground.green * (1 - alpha)
        color.blue = blue * alpha + ground.blue * (1 - alpha)
        color.alpha = 1
        return color
    }
}
