import CCairo
import Synchronization

/// The typefaces of this machine, found once per process.
///
/// `@unchecked Sendable`: the table is behind a lock and its entries are never freed; cairo counts references to
/// its font faces atomically, and fontconfig only reads coverage tables.
@safe final class FontBook: @unchecked Sendable {
    /// One typeface with the characters that it can show.
    @safe struct Candidate {
        let face: OpaquePointer
        fileprivate let coverage: OpaquePointer

        func shows(_ scalar: Unicode.Scalar) -> Bool {
            unsafe FcCharSetHasChar(coverage, scalar.value) != 0
        }
    }

    /// Some characters in a row that one typeface can show.
    @safe struct Run {
        let face: OpaquePointer
        var text: String
    }

    static let system = FontBook()

    private static let families = [
        "Inter", "Noto Sans", "Open Sans", "Roboto", "DejaVu Sans", "sans-serif",
    ]
    /// Fallbacks beyond these are for scripts that no text of ours is written in.
    private static let longestList = 40

    private let candidates = Mutex<[Font.Weight: [Candidate]]>([:])

    private init() {}

    /// Splits a line into runs of one typeface each.
    ///
    /// - Throws: ``PictureError/noFont(mend:)``.
    func runs(of text: String, weight: Font.Weight) throws(PictureError) -> [Run] {
        let candidates = try candidates(weight)
        var runs: [Run] = []
        var current = -1
        for character in text {
            // A cluster is never torn apart; a mark that its letter's typeface lacks is left out by it.
            guard let scalar = character.unicodeScalars.first, scalar.value >= 0x20 else { continue }
            let isNeutral = character == " " && current >= 0
            let wanted = isNeutral ? current : candidates.firstIndex { $0.shows(scalar) } ?? 0
            if wanted == current {
                runs[runs.count - 1].text.append(character)
            } else {
                unsafe runs.append(Run(face: candidates[wanted].face, text: String(character)))
                current = wanted
            }
        }
        return runs
    }

    private func candidates(_ weight: Font.Weight) throws(PictureError) -> [Candidate] {
        let found = candidates.withLock { table -> [Candidate] in
            if let known = table[weight], !known.isEmpty { return known }
            let found = Self.search(weight)
            table[weight] = found
            return found
        }
        guard !found.isEmpty else {
            throw .noFont(mend: "install a typeface, for example the Debian package fonts-inter")
        }
        return found
    }

    /// In fontconfig's order: the families wished for first, then whatever adds characters.
    private static func search(_ weight: Font.Weight) -> [Candidate] {
        guard let wish = unsafe FcPatternCreate() else { return [] }
        defer { unsafe FcPatternDestroy(wish) }
        for family in families { unsafe FcPatternAddString(wish, FC_FAMILY, family) }
        unsafe FcPatternAddInteger(wish, FC_WEIGHT, weight.fontconfig)
        unsafe FcPatternAddInteger(wish, FC_SLANT, FC_SLANT_ROMAN)
        unsafe FcPatternAddBool(wish, FC_SCALABLE, 1)
        unsafe FcConfigSubstitute(nil, wish, FcMatchPattern)
        unsafe FcDefaultSubstitute(wish)
        var result = FcResultMatch
        // Kept for ever: the coverage tables of the candidates belong to it.
        guard let set = unsafe FcFontSort(nil, wish, 1, nil, &result) else { return [] }
        return unsafe (0..<min(Int(set.pointee.nfont), longestList)).compactMap { index in
            var coverage: OpaquePointer?
            guard let font = unsafe set.pointee.fonts[index],
                unsafe FcPatternGetCharSet(font, FC_CHARSET, 0, &coverage) == FcResultMatch,
                let coverage = unsafe coverage,
                let prepared = unsafe FcFontRenderPrepare(nil, wish, font)
            else { return nil }
            defer { unsafe FcPatternDestroy(prepared) }
            guard let face = unsafe cairo_ft_font_face_create_for_pattern(prepared),
                unsafe cairo_font_face_status(face) == CAIRO_STATUS_SUCCESS
            else { return nil }
            return unsafe Candidate(face: face, coverage: coverage)
        }
    }
}

extension Font.Weight {
    fileprivate var fontconfig: Int32 {
        switch self {
        case .regular: FC_WEIGHT_REGULAR
        case .medium: FC_WEIGHT_MEDIUM
        case .semibold: FC_WEIGHT_DEMIBOLD
        case .bold: FC_WEIGHT_BOLD
        }
    }
}
