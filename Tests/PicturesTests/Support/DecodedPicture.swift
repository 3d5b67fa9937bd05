import CPNG
import Foundation

/// A PNG file as pixels.
struct DecodedPicture {
    struct Unreadable: Error {}

    let width: Int
    let height: Int
    /// Red, green, blue, row by row.
    private let bytes: [UInt8]

    init(_ file: [UInt8]) throws {
        var image = png_image()
        image.version = UInt32(PNG_IMAGE_VERSION)
        guard png_image_begin_read_from_memory(&image, file, file.count) != 0 else { throw Unreadable() }
        image.format = UInt32(PNG_FORMAT_FLAG_COLOR)
        var bytes = [UInt8](repeating: 0, count: Int(image.width) * Int(image.height) * 3)
        guard png_image_finish_read(&image, nil, &bytes, 0, nil) != 0 else { throw Unreadable() }
        width = Int(image.width)
        height = Int(image.height)
        self.bytes = bytes
    }

    subscript(x: Int, y: Int) -> [Int] {
        let start = (y * width + x) * 3
        return bytes[start..<(start + 3)].map(Int.init)
    }

    /// The share of squares of 8 × 8 pixels whose mean colour differs visibly; 1 for another size.
    ///
    /// Squares forgive what another release of the typeface does to the rims of letters, and still show that a
    /// single bar of the waveform is missing.
    func difference(to other: DecodedPicture) -> Double {
        guard (width, height) == (other.width, other.height) else { return 1 }
        var squares = 0
        var different = 0
        for top in stride(from: 0, to: height, by: 8) {
            for left in stride(from: 0, to: width, by: 8) {
                squares += 1
                let (mine, theirs) = (mean(left, top), other.mean(left, top))
                if zip(mine, theirs).contains(where: { abs($0 - $1) > 10 }) { different += 1 }
            }
        }
        return Double(different) / Double(max(squares, 1))
    }

    private func mean(_ left: Int, _ top: Int) -> [Double] {
        var sums = [0.0, 0.0, 0.0]
        var count = 0.0
        for y in top..<min(top + 8, height) {
            for x in left..<min(left + 8, width) {
                count += 1
                for channel in 0..<3 { sums[channel] += Double(bytes[(y * width + x) * 3 + channel]) }
            }
        }
        return sums.map { $0 / count }
    }
}

/// The pictures that somebody has looked at and found good.
///
/// `SPEECHCOACH_APPROVE_PICTURES=1 swift test --filter PicturesTests` writes them anew: then look at each.
enum Approved {
    struct Missing: Error { let path: String }

    /// Squares that may differ.
    static let tolerance = 0.003

    private static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Approved")

    static func difference(of file: [UInt8], to name: String) throws -> Double {
        let path = folder.appendingPathComponent(name + ".png")
        if ProcessInfo.processInfo.environment["SPEECHCOACH_APPROVE_PICTURES"] == "1" {
            try Data(file).write(to: path)
        }
        guard let approved = FileManager.default.contents(atPath: path.path) else {
            throw Missing(path: path.path)
        }
        return try DecodedPicture(file).difference(to: DecodedPicture([UInt8](approved)))
    }
}
