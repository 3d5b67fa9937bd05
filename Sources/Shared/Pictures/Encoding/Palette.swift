/// The colours that a picture is reduced to, and which of them stands for each of its own.
struct Palette {
    /// `0xRRGGBB`, at most 256.
    private(set) var colors: [UInt32] = []
    /// Palette position of every entry of the histogram.
    private(set) var position: [Int]

    /// Colours of at least this share of a picture are areas; they are kept as they are.
    private static let areaShare = 0.0004

    /// - Parameter limit: 2 to 256 colours.
    init(_ histogram: ColorHistogram, limit: Int) {
        let limit = min(max(limit, 2), 256)
        let entries = histogram.entries
        position = [Int](repeating: 0, count: entries.count)
        guard entries.count > limit else {
            colors = entries.map(\.color)
            position = Array(entries.indices)
            return
        }
        let total = entries.reduce(0) { $0 + $1.count }
        let ordered = entries.indices.sorted {
            (entries[$0].count, entries[$1].color) > (entries[$1].count, entries[$0].color)
        }
        let areas = ordered.prefix(limit / 2).prefix {
            Double(entries[$0].count) >= Self.areaShare * Double(total)
        }
        for index in areas {
            position[index] = colors.count
            colors.append(entries[index].color)
        }
        for box in Self.boxes(of: ordered.dropFirst(areas.count), in: entries, count: limit - areas.count) {
            for index in box { position[index] = colors.count }
            colors.append(Self.mean(of: box, in: entries))
        }
    }

    /// Median cut after Heckbert (1982); the box whose colours differ most is split next.
    private static func boxes(
        of members: ArraySlice<Int>, in entries: [ColorHistogram.Entry], count: Int
    ) -> [[Int]] {
        var boxes = [Box(Array(members), in: entries)]
        while boxes.count < count {
            guard let widest = boxes.indices.max(by: { boxes[$0].spread < boxes[$1].spread }),
                boxes[widest].spread > 0, let (low, high) = boxes[widest].split(in: entries)
            else { break }
            boxes[widest] = low
            boxes.append(high)
        }
        return boxes.map(\.members)
    }

    private static func mean(of members: [Int], in entries: [ColorHistogram.Entry]) -> UInt32 {
        let weight = max(1, members.reduce(0) { $0 + entries[$1].count })
        return [UInt32(16), 8, 0].reduce(into: UInt32(0)) { color, shift in
            let sum = members.reduce(0) { $0 + entries[$1].channel(shift) * entries[$1].count }
            color |= UInt32((sum + weight / 2) / weight) << shift
        }
    }

    private struct Box {
        var members: [Int]
        /// Squared error along the channel that varies most, summed over pixels.
        var spread: Double
        private var shift: UInt32

        init(_ members: [Int], in entries: [ColorHistogram.Entry]) {
            self.members = members
            let spreads = [UInt32(16), 8, 0].map { shift -> (Double, UInt32) in
                var (count, sum, squares) = (0.0, 0.0, 0.0)
                for member in members {
                    let (weight, value) = (
                        Double(entries[member].count), Double(entries[member].channel(shift))
                    )
                    count += weight
                    sum += weight * value
                    squares += weight * value * value
                }
                return (count > 0 ? squares - sum * sum / count : 0, shift)
            }
            (spread, shift) = spreads.max { $0.0 < $1.0 } ?? (0, 0)
        }

        /// At the mean of its widest channel; `nil` when nothing lies on one of the sides.
        func split(in entries: [ColorHistogram.Entry]) -> (Box, Box)? {
            let weight = members.reduce(0) { $0 + entries[$1].count }
            let sum = members.reduce(0) { $0 + entries[$1].channel(shift) * entries[$1].count }
            guard weight > 0 else { return nil }
            let middle = Double(sum) / Double(weight)
            let low = members.filter { Double(entries[$0].channel(shift)) <= middle }
            let high = members.filter { Double(entries[$0].channel(shift)) > middle }
            guard !low.isEmpty, !high.isEmpty else { return nil }
            return (Box(low, in: entries), Box(high, in: entries))
        }
    }
}
