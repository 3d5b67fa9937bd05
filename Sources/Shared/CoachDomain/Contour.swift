import FoundationEssentials

/// A course over time at equal steps, one byte a point: what pictures are drawn from.
///
/// Point `k` stands for the middle of the step that begins at `start + k · step` on the clock of the
/// original note. Values are rounded to `resolution` and held inside what a byte can say.
package struct Contour: Hashable, Sendable {
    /// Seconds at which the first step begins.
    package private(set) var start: Double
    /// Seconds between two points; more than 0.
    package private(set) var step: Double
    /// Of the values, for example `semitones`.
    package private(set) var unit: String
    /// The value of code 1.
    package private(set) var lowest: Double
    /// What one code is worth.
    package private(set) var resolution: Double
    /// 0 where nothing is known, otherwise `1 + (value − lowest) ÷ resolution`.
    private var codes: [UInt8]

    private static let highestCode = 255.0

    /// - Parameters:
    ///   - values: In order; `nil` where nothing is known. Not-a-number counts as unknown.
    ///   - range: Values beyond it are set to its borders; a 254th of it is the resolution.
    package init(
        start: Double = 0, step: Double, unit: String, range: ClosedRange<Double>, values: [Double?]
    ) {
        let resolution = max((range.upperBound - range.lowerBound) / (Self.highestCode - 1), 1e-6)
        self.start = start
        self.step = max(step, 1e-6)
        self.unit = unit
        lowest = range.lowerBound
        self.resolution = resolution
        codes = values.map { value in
            guard let value, !value.isNaN else { return 0 }
            let held = min(max(value, range.lowerBound), range.upperBound)
            return UInt8(min(1 + ((held - range.lowerBound) / resolution).rounded(), Self.highestCode))
        }
    }

    package var count: Int { codes.count }

    /// The value of a point; `nil` where nothing is known, and outside.
    package subscript(point: Int) -> Double? {
        guard codes.indices.contains(point), codes[point] > 0 else { return nil }
        return lowest + Double(codes[point] - 1) * resolution
    }

    /// All points in order.
    package var values: [Double?] { codes.indices.map { self[$0] } }

    /// Seconds of the original at which a point lies.
    package func time(of point: Int) -> Double { start + (Double(point) + 0.5) * step }
}

extension Contour: Codable {
    private enum CodingKeys: String, CodingKey { case start, step, unit, lowest, resolution, codes }

    /// The codes go as one base-64 string: a fifth of the bytes of a list of numbers.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(start, forKey: .start)
        try container.encode(step, forKey: .step)
        try container.encode(unit, forKey: .unit)
        try container.encode(lowest, forKey: .lowest)
        try container.encode(resolution, forKey: .resolution)
        try container.encode(Data(codes).base64EncodedString(), forKey: .codes)
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        start = try container.decode(Double.self, forKey: .start)
        step = try container.decode(Double.self, forKey: .step)
        unit = try container.decode(String.self, forKey: .unit)
        lowest = try container.decode(Double.self, forKey: .lowest)
        resolution = try container.decode(Double.self, forKey: .resolution)
        guard step > 0, resolution > 0,
            let bytes = Data(base64Encoded: try container.decode(String.self, forKey: .codes))
        else {
            throw DecodingError.dataCorruptedError(
                forKey: .codes, in: container, debugDescription: "not a contour")
        }
        codes = [UInt8](bytes)
    }
}
