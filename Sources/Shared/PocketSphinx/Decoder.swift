import CPocketSphinx
import CoachDomain

/// Owns one decoder of the library and frees it exactly once. Every call blocks; one thread at a time.
@safe struct Decoder: ~Copyable {
    /// Frames handed over between two looks at the clock: half a second of speech, about 0.1 s of work.
    private static let stride = 50
    /// Faint noise put before and after the audio: the models expect a little silence there, and without
    /// it the last word is often lost.
    private static let padSamples = 4_800

    private let raw: OpaquePointer
    private let tuning: PocketSphinxTuning

    /// Loads the model, about 0.3 s of work.
    init(model: PocketSphinxModel, tuning: PocketSphinxTuning) throws(PocketSphinxError) {
        // The library writes to standard error unless told otherwise.
        err_set_logfp(nil)
        let options: [(String, String)] = [
            ("-hmm", model.acoustic), ("-lm", model.language), ("-dict", model.dictionary),
            ("-remove_silence", "no"), ("-maxhmmpf", String(tuning.maximumActiveStates)),
            ("-bestpath", tuning.rescoresLattice ? "yes" : "no"),
            ("-frate", String(tuning.framesPerSecond)),
        ]
        let words = ["pocketsphinx"] + options.flatMap { [$0.0, $0.1] }
        var arguments: [UnsafeMutablePointer<CChar>?] = unsafe words.map { unsafe strdup($0) }
        defer { unsafe arguments.forEach { unsafe free($0) } }
        let configuration = unsafe cmd_ln_parse_r(nil, ps_args(), Int32(arguments.count), &arguments, 1)
        guard let configuration = unsafe configuration else { throw .cannotStart }
        // The decoder keeps its own reference.
        defer { unsafe cmd_ln_free_r(configuration) }
        guard let raw = unsafe ps_init(configuration) else { throw .cannotStart }
        unsafe self.raw = raw
        self.tuning = tuning
    }

    deinit { unsafe ps_free(raw) }

    /// Recognises 16 kHz mono audio of any length, the empty one included.
    ///
    /// - Parameter interruption: Asked every half second of audio; what it returns is thrown.
    mutating func recognize(
        _ samples: [Int16], interruption: () -> PocketSphinxError?
    ) throws(PocketSphinxError) -> Recognition {
        guard !samples.isEmpty else { return Recognition(segments: []) }
        if let reason = interruption() { throw reason }
        let cepstra = try unsafe Cepstra(of: Self.padded(samples), by: raw)
        try setMean(of: cepstra)
        let plan = UtterancePlan(
            maximumFrames: Int(tuning.maximumUtteranceSeconds * Double(tuning.framesPerSecond)))
        let end = Double(samples.count) / 16_000
        var segments: [Segment] = []
        for utterance in plan.utterances(energy: cepstra.energy) {
            try decode(cepstra, utterance, interruption: interruption)
            segments += bestPath(from: utterance.lowerBound, end: end)
        }
        return Recognition(segments: segments)
    }

    private static func padded(_ samples: [Int16]) -> [Int16] {
        // A fixed pattern rather than random numbers: the same note must give the same words.
        let pad = (0..<padSamples).map { (index: Int) -> Int16 in
            let mixed = index &* 7_919 &+ (index >> 3) &* 104_729
            return Int16(mixed % 9 - 4)
        }
        return pad + samples + pad
    }

    /// Starts the running mean at the one of the whole note: the library would start at a guess and learn
    /// only after seconds, at the cost of the first words.
    private func setMean(of cepstra: borrowing Cepstra) throws(PocketSphinxError) {
        guard let features = unsafe ps_get_feat(raw), let normalizer = unsafe features.pointee.cmn_struct
        else {
            throw .decodingFailed
        }
        let mean = unsafe cepstra.mean(coefficients: Int(fe_get_output_size(ps_get_fe(raw))))
        unsafe mean.withUnsafeBufferPointer { unsafe cmn_live_set(normalizer, $0.baseAddress) }
    }

    private func decode(
        _ cepstra: borrowing Cepstra, _ utterance: Range<Int>, interruption: () -> PocketSphinxError?
    ) throws(PocketSphinxError) {
        guard unsafe ps_start_utt(raw) == 0 else { throw .decodingFailed }
        var frame = utterance.lowerBound
        while frame < utterance.upperBound {
            if let reason = interruption() {
                unsafe ps_end_utt(raw)
                throw reason
            }
            let count = min(Self.stride, utterance.upperBound - frame)
            let status = unsafe cepstra.withRows(from: frame) { rows in
                unsafe ps_process_cep(raw, rows, Int32(count), 0, 0)
            }
            guard status >= 0 else {
                unsafe ps_end_utt(raw)
                throw .decodingFailed
            }
            frame += count
        }
        guard unsafe ps_end_utt(raw) == 0 else { throw .decodingFailed }
    }

    private func bestPath(from firstFrame: Int, end: Double) -> [Segment] {
        let logarithms = unsafe ps_get_logmath(raw)
        var segments: [Segment] = []
        var next = unsafe ps_seg_iter(raw)
        while let entry = unsafe next {
            var first: Int32 = 0
            var last: Int32 = 0
            unsafe ps_seg_frames(entry, &first, &last)
            let posterior = unsafe logmath_exp(logarithms, ps_seg_prob(entry, nil, nil, nil))
            if let token = unsafe ps_seg_word(entry) {
                let span = TimeSpan(
                    start: seconds(frame: firstFrame + Int(first), end: end),
                    end: seconds(frame: firstFrame + Int(last) + 1, end: end))
                segments.append(
                    Segment(
                        token: unsafe String(cString: token), span: span, posterior: min(max(posterior, 0), 1)
                    ))
            }
            unsafe next = ps_seg_next(entry)
        }
        return segments
    }

    /// Frame number, counted in the padded audio, to seconds of the caller's audio.
    private func seconds(frame: Int, end: Double) -> Double {
        let seconds = Double(frame) / Double(tuning.framesPerSecond) - Double(Self.padSamples) / 16_000
        return min(max(seconds, 0), end)
    }
}
