import CCairo

/// A sheet of pixels to draw on with cairo.
///
/// Belongs to one thread. Drawing never throws: cairo remembers its first error, and ``png(colors:)`` reports
/// it. Draw on ``DrawingQueue``, because a picture takes tens of milliseconds.
@safe package final class Canvas {
    package let width: Int
    package let height: Int
    private let surface: OpaquePointer
    let context: OpaquePointer

    /// - Parameters:
    ///   - width: Pixels, 1 to 8192; `height` likewise.
    ///   - ground: What the sheet is filled with.
    /// - Throws: ``PictureError/unusableSize(width:height:)`` or ``PictureError/drawing(_:)``.
    package init(width: Int, height: Int, ground: Color) throws(PictureError) {
        guard (1...8_192).contains(width), (1...8_192).contains(height) else {
            throw .unusableSize(width: width, height: height)
        }
        let surface = unsafe cairo_image_surface_create(CAIRO_FORMAT_RGB24, Int32(width), Int32(height))
        let context = unsafe cairo_create(surface)
        guard let surface = unsafe surface, let context = unsafe context,
            unsafe cairo_status(context) == CAIRO_STATUS_SUCCESS
        else {
            unsafe cairo_destroy(context)
            unsafe cairo_surface_destroy(surface)
            throw .drawing("no memory for \(width) × \(height) pixels")
        }
        self.width = width
        self.height = height
        unsafe self.surface = surface
        unsafe self.context = context
        prepareText()
        fill(.rectangle(Rect(x: 0, y: 0, width: Double(width), height: Double(height))), ground)
    }

    deinit {
        unsafe cairo_destroy(context)
        unsafe cairo_surface_destroy(surface)
    }

    package func fill(_ path: Path, _ color: Color) {
        trace(path)
        use(color)
        unsafe cairo_fill(context)
    }

    /// - Parameters:
    ///   - width: Of the pen, in pixels.
    ///   - dashes: Lengths of strokes and gaps in turn; solid without.
    package func stroke(_ path: Path, _ color: Color, width: Double, dashes: [Double] = []) {
        trace(path)
        use(color)
        unsafe cairo_set_line_width(context, width)
        unsafe cairo_set_line_cap(context, dashes.isEmpty ? CAIRO_LINE_CAP_ROUND : CAIRO_LINE_CAP_BUTT)
        unsafe cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND)
        unsafe cairo_set_dash(context, dashes, Int32(dashes.count), 0)
        unsafe cairo_stroke(context)
    }

    /// Draws with everything outside an outline left as it was.
    package func clipped(to path: Path, _ draw: () throws(PictureError) -> Void) throws(PictureError) {
        unsafe cairo_save(context)
        defer { unsafe cairo_restore(context) }
        trace(path)
        unsafe cairo_clip(context)
        try draw()
    }

    /// The sheet as a PNG file.
    ///
    /// - Parameter colors: At most so many, 2 to 256: a picture of flat areas, lines and letters loses nothing
    ///   that an eye could see, and takes a third of the bytes.
    /// - Throws: ``PictureError``.
    package func png(colors: Int = 256) throws(PictureError) -> [UInt8] {
        unsafe cairo_surface_flush(surface)
        let status = unsafe cairo_status(context)
        guard status == CAIRO_STATUS_SUCCESS, let data = unsafe cairo_image_surface_get_data(surface) else {
            throw .drawing(unsafe String(cString: cairo_status_to_string(status)))
        }
        let stride = Int(unsafe cairo_image_surface_get_stride(surface))
        var pixels: [UInt32] = []
        pixels.reserveCapacity(width * height)
        for row in 0..<height {
            let line = unsafe UnsafeRawPointer(data + row * stride).assumingMemoryBound(to: UInt32.self)
            unsafe pixels.append(contentsOf: UnsafeBufferPointer(start: line, count: width))
        }
        return try IndexedImage(pixels: pixels, width: width, colors: colors).png()
    }

    func use(_ color: Color) {
        unsafe cairo_set_source_rgba(context, color.red, color.green, color.blue, color.alpha)
    }

    private func trace(_ path: Path) {
        unsafe cairo_new_path(context)
        for element in path.elements {
            switch element {
            case .move(let point): unsafe cairo_move_to(context, point.x, point.y)
            case .line(let point): unsafe cairo_line_to(context, point.x, point.y)
            case .curve(let first, let second, let end):
                unsafe cairo_curve_to(context, first.x, first.y, second.x, second.y, end.x, end.y)
            case .arc(let middle, let radius, let from, let to):
                unsafe cairo_arc(context, middle.x, middle.y, radius, from, to)
            case .close: unsafe cairo_close_path(context)
            }
        }
    }
}
