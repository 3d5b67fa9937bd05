import Testing

@testable import Pictures

struct PaletteTests {
    @Test func `up to 256 colours nothing is changed`() throws {
        let pixels = (0..<256).map { UInt32($0) * 0x01_0201 & 0xFF_FFFF }
        let picture = try DecodedPicture(try IndexedImage(pixels: pixels, width: 16, colors: 256).png())
        for (index, pixel) in pixels.enumerated() {
            #expect(
                picture[index % 16, index / 16] == [16, 8, 0].map { Int(pixel >> UInt32($0) & 0xFF) })
        }
    }

    @Test func `areas among many colours stay exact, and no other colour moves far`() throws {
        // A quarter of plain blue, the rest a gradient of 12 288 colours.
        var pixels = [UInt32](repeating: 0x33_66FF, count: 4_096)
        pixels += (0..<12_288).map { UInt32($0 % 128) << 17 | UInt32($0 / 128) << 9 | 0x20 }
        let picture = try DecodedPicture(try IndexedImage(pixels: pixels, width: 128, colors: 256).png())
        #expect(picture[3, 3] == [0x33, 0x66, 0xFF])
        var worst = 0
        for (index, pixel) in pixels.enumerated() {
            let shown = picture[index % 128, index / 128]
            let wanted = [16, 8, 0].map { Int(pixel >> UInt32($0) & 0xFF) }
            worst = max(worst, zip(shown, wanted).map { abs($0 - $1) }.max() ?? 0)
        }
        #expect(worst <= 16)
    }

    @Test func `an empty histogram and a single colour make a palette`() {
        #expect(Palette(ColorHistogram([]), limit: 256).colors.isEmpty)
        #expect(Palette(ColorHistogram([0xFF12_3456]), limit: 1).colors == [0x12_3456])
    }
}
