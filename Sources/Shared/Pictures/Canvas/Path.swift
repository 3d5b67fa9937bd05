/// An outline: what a canvas fills or strokes. A value without any limit on where it may lie.
package struct Path: Hashable, Sendable {
    enum Element: Hashable, Sendable {
        case move(Point)
        case line(Point)
        case curve(Point, Point, Point)
        /// Clockwise around a middle, angles in radians from the right.
        case arc(Point, radius: Double, from: Double, to: Double)
        case close
    }

    private(set) var elements: [Element] = []

    package init() {}

    package mutating func move(to point: Point) { elements.append(.move(point)) }
    package mutating func line(to point: Point) { elements.append(.line(point)) }
    package mutating func close() { elements.append(.close) }

    package mutating func append(_ other: Path) { elements += other.elements }

    package static func line(from start: Point, to end: Point) -> Path {
        polyline([start, end])
    }

    package static func polyline(_ points: [Point]) -> Path {
        var path = Path()
        for (index, point) in points.enumerated() {
            path.elements.append(index == 0 ? .move(point) : .line(point))
        }
        return path
    }

    package static func polygon(_ points: [Point]) -> Path {
        var path = polyline(points)
        path.close()
        return path
    }

    package static func circle(_ middle: Point, radius: Double) -> Path {
        var path = Path()
        path.elements = [.arc(middle, radius: radius, from: 0, to: 2 * .pi), .close]
        return path
    }

    /// - Parameter radius: Of the corners; at most half the shorter side is used.
    package static func rectangle(_ rect: Rect, radius: Double = 0) -> Path {
        let radius = max(0, min(radius, rect.width / 2, rect.height / 2))
        var path = Path()
        guard radius > 0 else {
            return polygon([
                Point(rect.x, rect.y), Point(rect.right, rect.y), Point(rect.right, rect.bottom),
                Point(rect.x, rect.bottom),
            ])
        }
        let corners: [(Point, Double)] = [
            (Point(rect.right - radius, rect.y + radius), -0.5),
            (Point(rect.right - radius, rect.bottom - radius), 0),
            (Point(rect.x + radius, rect.bottom - radius), 0.5),
            (Point(rect.x + radius, rect.y + radius), 1),
        ]
        for (middle, turn) in corners {
            path.elements.append(.arc(middle, radius: radius, from: turn * .pi, to: (turn + 0.5) * .pi))
        }
        path.close()
        return path
    }

    /// A smooth line through the points, which must rise in x. Between two points it never leaves the range of
    /// their two values, so no peak is drawn that was not measured (monotone cubic, Fritsch & Butland 1984).
    package static func smooth(_ points: [Point]) -> Path {
        guard points.count > 2 else { return polyline(points) }
        let steps = (1..<points.count).map { index -> (width: Double, slope: Double) in
            let width = max(points[index].x - points[index - 1].x, 1e-9)
            return (width, (points[index].y - points[index - 1].y) / width)
        }
        var slopes = [steps[0].slope]
        for index in 1..<steps.count {
            let (before, after) = (steps[index - 1], steps[index])
            guard before.slope * after.slope > 0 else {
                slopes.append(0)
                continue
            }
            let (first, second) = (2 * after.width + before.width, after.width + 2 * before.width)
            slopes.append((first + second) / (first / before.slope + second / after.slope))
        }
        slopes.append(steps[steps.count - 1].slope)
        var path = Path()
        path.move(to: points[0])
        for index in 1..<points.count {
            let (start, end) = (points[index - 1], points[index])
            let third = steps[index - 1].width / 3
            path.elements.append(
                .curve(
                    Point(start.x + third, start.y + third * slopes[index - 1]),
                    Point(end.x - third, end.y - third * slopes[index]), end))
        }
        return path
    }
}
