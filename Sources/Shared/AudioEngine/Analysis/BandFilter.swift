import Glibc

/// Second-order section coefficients, normalised so that `a0` is 1.
struct Biquad {
    var b0: Float
    var b1: Float
    var b2: Float
    var a1: Float
    var a2: Float

    static let identity = Biquad(b0: 1, b1: 0, b2: 0, a1: 0, a2: 0)

    /// Robert Bristow-Johnson's Audio EQ Cookbook, high-pass.
    static func highPass(_ hertz: Double, q: Double = 0.5.squareRoot(), rate: Double) -> Biquad {
        let w = 2 * Double.pi * hertz / rate
        let alpha = sin(w) / (2 * q)
        let a0 = 1 + alpha
        let edge = (1 + cos(w)) / 2
        return Biquad(
            b0: Float(edge / a0), b1: Float(-2 * edge / a0), b2: Float(edge / a0),
            a1: Float(-2 * cos(w) / a0), a2: Float((1 - alpha) / a0))
    }

    /// Robert Bristow-Johnson's Audio EQ Cookbook, low-pass.
    static func lowPass(_ hertz: Double, q: Double = 0.5.squareRoot(), rate: Double) -> Biquad {
        let w = 2 * Double.pi * hertz / rate
        let alpha = sin(w) / (2 * q)
        let a0 = 1 + alpha
        let edge = (1 - cos(w)) / 2
        return Biquad(
            b0: Float(edge / a0), b1: Float(2 * edge / a0), b2: Float(edge / a0),
            a1: Float(-2 * cos(w) / a0), a2: Float((1 - alpha) / a0))
    }

    /// The two sections of ITU-R BS.1770's K-weighting for any rate: the analogue prototypes behind the
    /// recommendation's 48 kHz table, through the bilinear transform.
    static func kWeighting(rate: Double) -> (shelf: Biquad, highPass: Biquad) {
        let gain = 3.999_843_853_973_347
        let shelfQ = 0.707_175_236_955_419_6
        var k = tan(Double.pi * 1_681.974_450_955_533 / rate)
        let vh = pow(10, gain / 20)
        let vb = pow(vh, 0.499_666_774_154_541_6)
        var a0 = 1 + k / shelfQ + k * k
        let shelf = Biquad(
            b0: Float((vh + vb * k / shelfQ + k * k) / a0), b1: Float(2 * (k * k - vh) / a0),
            b2: Float((vh - vb * k / shelfQ + k * k) / a0), a1: Float(2 * (k * k - 1) / a0),
            a2: Float((1 - k / shelfQ + k * k) / a0))
        let passQ = 0.500_327_037_323_877_3
        k = tan(Double.pi * 38.135_470_876_024_44 / rate)
        a0 = 1 + k / passQ + k * k
        let pass = Biquad(
            b0: 1, b1: -2, b2: 1, a1: Float(2 * (k * k - 1) / a0), a2: Float((1 - k / passQ + k * k) / a0))
        return (shelf, pass)
    }
}

/// Four filters of two sections each, side by side in one vector register.
///
/// A recursive filter waits for its own last output, so one filter alone leaves most of the processor
/// idle; four of them cost what one does. The lanes are the detector's two bands, the full band without
/// rumble, and K-weighting.
struct BandFilter {
    private var firstState = (SIMD4<Float>(), SIMD4<Float>())
    private var secondState = (SIMD4<Float>(), SIMD4<Float>())
    private let first: Sections
    private let second: Sections

    private struct Sections {
        let b0, b1, b2, a1, a2: SIMD4<Float>

        init(_ lanes: [Biquad]) {
            b0 = SIMD4(lanes.map(\.b0))
            b1 = SIMD4(lanes.map(\.b1))
            b2 = SIMD4(lanes.map(\.b2))
            a1 = SIMD4(lanes.map(\.a1))
            a2 = SIMD4(lanes.map(\.a2))
        }
    }

    init(rate: Double = Double(EngineFormat.sampleRateHz)) {
        let k = Biquad.kWeighting(rate: rate)
        first = Sections([
            .highPass(150, rate: rate), .highPass(2_000, q: 0.541, rate: rate), .highPass(80, rate: rate),
            k.shelf,
        ])
        second = Sections([
            .lowPass(1_000, rate: rate), .highPass(2_000, q: 1.307, rate: rate), .identity, k.highPass,
        ])
    }

    /// Sums of squares per lane over the samples: low band (150–1000 Hz), high band (over 2 kHz), full
    /// band (over 80 Hz), K-weighted. Full scale is 1.
    mutating func energies(of samples: Span<Int16>) -> SIMD4<Float> {
        var (s1, s2) = firstState
        var (t1, t2) = secondState
        var sum = SIMD4<Float>()
        for index in samples.indices {
            let x = SIMD4<Float>(repeating: Float(samples[index]) * (1 / 32_768))
            let y = first.b0 * x + s1
            s1 = first.b1 * x - first.a1 * y + s2
            s2 = first.b2 * x - first.a2 * y
            let z = second.b0 * y + t1
            t1 = second.b1 * y - second.a1 * z + t2
            t2 = second.b2 * y - second.a2 * z
            sum += z * z
        }
        // A tail decaying through denormal numbers is slow on most processors.
        let tiny: Float = 1e-20
        firstState = (s1.flushed(below: tiny), s2.flushed(below: tiny))
        secondState = (t1.flushed(below: tiny), t2.flushed(below: tiny))
        return sum
    }
}

extension SIMD4<Float> {
    fileprivate func flushed(below tiny: Float) -> Self {
        replacing(with: 0, where: (self .< tiny) .& (self .> -tiny))
    }
}
