/// A place on a canvas, in pixels from its upper left corner.
package struct Point: Hashable, Sendable {
    package var x: Double
    package var y: Double

    package init(_ x: Double, _ y: Double) {
        self.x = x
        self.y = y
    }
}

/// An upright rectangle on a canvas, in pixels.
package struct Rect: Hashable, Sendable {
    package var x: Double
    package var y: Double
    package var width: Double
    package var height: Double

    package init(x: Double, y: Double, width: Double, height: Double) {
        self.x = x
        self.y = y
        self.width = width
        self.height = height
    }

    package var right: Double { x + width }
    package var bottom: Double { y + height }
    package var middle: Point { Point(x + width / 2, y + height / 2) }

    /// The same rectangle without a rim.
    package func inset(_ horizontally: Double, _ vertically: Double) -> Rect {
        Rect(
            x: x + horizontally, y: y + vertically, width: max(0, width - 2 * horizontally),
            height: max(0, height - 2 * vertically))
    }

    /// Side by side parts of equal width.
    package func columns(_ count: Int, gap: Double) -> [Rect] {
        guard count > 0 else { return [] }
        let part = (width - gap * Double(count - 1)) / Double(count)
        return (0..<count).map {
            Rect(x: x + Double($0) * (part + gap), y: y, width: part, height: height)
        }
    }
}
