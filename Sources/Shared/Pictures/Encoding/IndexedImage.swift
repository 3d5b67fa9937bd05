import CPNG

/// A picture of at most 256 colours, one byte per pixel.
struct IndexedImage {
    private let width: Int
    private let height: Int
    private let palette: [UInt32]
    private let indices: [UInt8]

    /// - Parameters:
    ///   - pixels: `0x??RRGGBB`, row by row from the top.
    ///   - colors: At most so many, 2 to 256.
    init(pixels: [UInt32], width: Int, colors: Int) {
        let histogram = ColorHistogram(pixels)
        let palette = Palette(histogram, limit: colors)
        var indices: [UInt8] = []
        indices.reserveCapacity(pixels.count)
        var last: UInt32?
        var index: UInt8 = 0
        for pixel in pixels {
            let color = pixel & 0xFF_FFFF
            if color != last {
                last = color
                index = UInt8(histogram.index[color].map { palette.position[$0] } ?? 0)
            }
            indices.append(index)
        }
        self.width = width
        height = width > 0 ? pixels.count / width : 0
        self.palette = palette.colors
        self.indices = indices
    }

    /// - Throws: ``PictureError/encoding(_:)``.
    func png() throws(PictureError) -> [UInt8] {
        var image = unsafe png_image()
        unsafe image.version = UInt32(PNG_IMAGE_VERSION)
        unsafe image.width = UInt32(width)
        unsafe image.height = UInt32(height)
        unsafe image.format = UInt32(PNG_FORMAT_FLAG_COLOR | PNG_FORMAT_FLAG_COLORMAP)
        unsafe image.colormap_entries = UInt32(palette.count)
        let colormap = palette.flatMap { color in
            [16, 8, 0].map { UInt8(truncatingIfNeeded: color >> $0) }
        }
        // Longer than libpng can need: the pixels as they are, with room for headers.
        var capacity = indices.count + indices.count / 100 + 16_384
        let file = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            let written = unsafe png_image_write_to_memory(
                &image, buffer.baseAddress, &capacity, 0, indices, Int32(width), colormap)
            count = written != 0 ? min(capacity, buffer.count) : 0
        }
        guard !file.isEmpty else {
            let reason = unsafe withUnsafeBytes(of: image.message) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            unsafe png_image_free(&image)
            throw .encoding(reason)
        }
        return file
    }
}
