/// How often each colour occurs in a picture.
struct ColorHistogram {
    /// A colour as `0xRRGGBB`, with its share of the picture.
    struct Entry {
        var color: UInt32
        var count: Int

        func channel(_ shift: UInt32) -> Int { Int(color >> shift & 0xFF) }
    }

    private(set) var entries: [Entry] = []
    /// Index into `entries` of each colour.
    private(set) var index: [UInt32: Int] = [:]

    init(_ pixels: [UInt32]) {
        // Neighbours are mostly equal, so most of a picture needs no look-up.
        var last: UInt32?
        var position = 0
        for pixel in pixels {
            let color = pixel & 0xFF_FFFF
            if color != last {
                last = color
                if let known = index[color] {
                    position = known
                } else {
                    position = entries.count
                    index[color] = position
                    entries.append(Entry(color: color, count: 0))
                }
            }
            entries[position].count += 1
        }
    }
}
