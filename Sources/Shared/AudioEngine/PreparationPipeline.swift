import CoachDomain
import Glibc

/// Everything behind the decoder, chunk by chunk: tap, measure, detect, cut, speed up, encode.
///
/// Memory is bounded by the first minute, which is held until it is known how to shrink the note, and
/// by three bytes of levels per 10 ms. Belongs to one DSP thread.
struct PreparationPipeline<Tap: SampleTap>: SampleSink, ~Copyable {
    private(set) var tap: Tap
    private let options: PreparationOptions
    private let control: RunControl
    private let sampleLimit: Int
    private var meter = LevelMeter()
    private var detector = SpeechDetector()
    private var cutter = PauseCutter()
    private(set) var history = SampleHistory()
    private var denoiser: Denoiser?
    private var plan: ShrinkPlan?
    private var writer: UploadWriter?
    private var cutFrames = 0
    private var stages = PreparationStages()

    /// Samples handed on at once; cancellation is looked at in between.
    private static var chunk: Int { 8_000 }

    init(options: PreparationOptions, control: RunControl, tap: Tap) {
        self.options = options
        self.control = control
        self.tap = tap
        denoiser = options.cleanUp.denoises ? Denoiser() : nil
        let seconds = min(max(options.maximumSeconds, 0), 86_400)
        sampleLimit = Int(seconds * Double(EngineFormat.sampleRateHz))
    }

    mutating func accept(_ samples: Span<Int16>) throws(AudioError) {
        try control.check()
        guard meter.samples + samples.count <= sampleLimit else {
            throw .tooLong(limitSeconds: options.maximumSeconds)
        }
        var watch = Stopwatch()
        tap.consume(samples)
        stages.tap += watch.lap()
        meter.consume(samples)
        stages.measure += watch.lap()
        if let cleaned = denoiser?.process(samples) {
            history.append(cleaned.span)
            stages.shape += watch.lap()
        } else {
            history.append(samples)
        }
        try advance(isFinal: false)
    }

    /// Ends the note.
    mutating func finish(format: AudioFormat, damage: AudioDamage) throws(AudioError) -> PreparedAudio {
        meter.finish()
        if let rest = denoiser?.finish() { history.append(rest.span) }
        guard meter.samples > 0 else { throw damage.isPartial ? .damaged : .empty }
        try advance(isFinal: true)
        guard let plan, let writer else { throw .empty }
        var watch = Stopwatch()
        let upload = try writer.finish()
        stages.shape += watch.lap()
        let report = SceneReport(detector, levels: meter.frames, periodicity: meter.periodicity.values)
        let seconds = EngineFormat.seconds(meter.samples)
        let spans = report.containsSpeech ? report.speechSpans : []
        stages.measure += watch.lap()
        return PreparedAudio(
            format: format, originalSeconds: seconds,
            speechSeconds: Double(spans.reduce(0) { $0 + $1.count }) * LevelTrack.hopSeconds,
            uploadSeconds: upload.seconds, parts: upload.parts, contentType: options.encoding.contentType,
            suggestedFilename: options.encoding.suggestedFilename, sampleRateHz: EngineFormat.sampleRateHz,
            speed: plan.speed, speedReason: plan.reason, encoding: options.encoding,
            encodingReason: options.encodingReason, timeline: upload.timeline,
            speechSpans: spans.map { span in
                TimeSpan(
                    start: Double(span.lowerBound) * LevelTrack.hopSeconds,
                    end: min(Double(span.upperBound) * LevelTrack.hopSeconds, seconds))
            },
            levels: meter.frames.full, snrEstimateDB: report.snrDB, clippedRatio: meter.clippedRatio,
            loudnessLUFS: meter.loudness.integratedLUFS, damage: judged(damage, seconds: seconds),
            containsSpeech: report.containsSpeech, stages: spent(encoding: writer.encodingTime))
    }

    /// What is left of the thread's time after the stages behind the decoder is the decoder's.
    private func spent(encoding: Duration) -> PreparationStages {
        var spent = stages
        spent.encode = encoding
        spent.shape -= encoding
        spent.decode = max(control.used - spent.total, .zero)
        return spent
    }

    private func judged(_ damage: AudioDamage, seconds: Double) -> AudioDamage {
        var damage = damage
        if let declared = options.declaredSeconds {
            // Telegram rounds to whole seconds.
            let difference = abs(declared - seconds)
            damage.disagreesWithDeclaredLength = difference > 1 + 0.05 * max(declared, seconds)
        }
        return damage
    }

    private mutating func advance(isFinal: Bool) throws(AudioError) {
        var watch = Stopwatch()
        detector.advance(over: meter.frames, isFinal: isFinal)
        stages.measure += watch.lap()
        if plan == nil {
            let isDecidable = isFinal || !detector.flags.isEmpty || !needsEvidence
            guard isDecidable else { return }
            let plan = ShrinkPlan(evidence(isWhole: isFinal), options: options)
            self.plan = plan
            writer = try UploadWriter(plan: plan, gain: gain, options: options)
        }
        guard let plan, let writer else { return }
        // Encoding happens inside; `finish` takes it out again.
        defer { stages.shape += watch.lap() }
        if plan.trims {
            try apply(cutter.advance(detector.flags[cutFrames...]), to: writer, isFinal: isFinal)
            cutFrames = detector.flags.count
            if isFinal { try apply(cutter.finish(), to: writer, isFinal: true) }
            history.discard(before: cutter.needed * LevelMeter.frame)
        } else {
            // A part ends at a pause, so pauses must be known before samples are written.
            let decided = min(history.end, detector.flags.count * LevelMeter.frame)
            let end = hasPartLimit && !isFinal ? max(decided, history.start) : history.end
            try write(history.start..<end, to: writer)
            history.discard(before: end)
        }
    }

    private var hasPartLimit: Bool { options.maximumPartSeconds != nil || options.maximumPartBytes != nil }

    private var needsEvidence: Bool {
        if options.trimming || options.cleanUp.loudnessLUFS != nil { return true }
        if case .automatic = options.speed { return true }
        return false
    }

    /// What brings the note to the wanted loudness without pushing its peaks over full scale.
    private var gain: Float {
        guard let wanted = options.cleanUp.loudnessLUFS, let loudness = meter.loudness.integratedLUFS else {
            return 1
        }
        let decibels = min(max(wanted - loudness, -30), 30)
        return min(Float(pow(10, decibels / 20)), 32_000 / Float(max(meter.peak, 1)))
    }

    private func evidence(isWhole: Bool) -> ShrinkEvidence {
        let report = SceneReport(detector, levels: meter.frames, periodicity: meter.periodicity.values)
        var trial = cutter
        var kept = 0
        for cut in trial.advance(detector.flags[...]) + trial.finish() {
            if case .keep(let range) = cut { kept += range.count }
        }
        return ShrinkEvidence(
            seconds: Double(detector.flags.count) * LevelTrack.hopSeconds, isWhole: isWhole,
            keptSeconds: Double(kept) * LevelTrack.hopSeconds,
            speechSeconds: Double(report.speechFrames) * LevelTrack.hopSeconds, snrDB: report.snrDB,
            syllablesPerSecond: report.syllablesPerSecond, containsSpeech: report.containsSpeech)
    }

    private func apply(
        _ cuts: [PauseCutter.Cut], to writer: UploadWriter, isFinal: Bool
    ) throws(AudioError) {
        for cut in cuts {
            switch cut {
            case .keep(let frames):
                // The last frame of a note may be a partial one.
                let isLast = isFinal && frames.upperBound >= meter.frames.count
                let end = isLast ? meter.samples : frames.upperBound * LevelMeter.frame
                try write((frames.lowerBound * LevelMeter.frame)..<end, to: writer)
            case .close:
                try writer.close()
            }
        }
    }

    private func write(_ range: Range<Int>, to writer: UploadWriter) throws(AudioError) {
        var start = range.lowerBound
        while start < range.upperBound {
            try control.check()
            var end = min(start + Self.chunk, range.upperBound)
            let pause = writer.wantsBreak ? breakPoint(in: start..<end, isForced: writer.mustBreak) : nil
            if let pause { end = pause }
            try history.with(start..<end) { (samples) throws(AudioError) in
                try writer.write(samples, at: start)
            }
            if pause != nil { try writer.endPart() }
            start = end
        }
    }

    /// Where a part may end inside a stretch: in the middle of a fifth of a second without speech or,
    /// when it has to, where the level is lowest.
    private func breakPoint(in range: Range<Int>, isForced: Bool) -> Int? {
        let half = 10
        let first = max(range.lowerBound / LevelMeter.frame, half)
        let flags = detector.flags
        let last = min(range.upperBound / LevelMeter.frame, flags.count - half)
        guard first < last else { return isForced ? range.lowerBound : nil }
        let isQuiet = { (frame: Int) in !flags[(frame - half)..<(frame + half)].contains(true) }
        let levels = meter.frames.full
        let frame =
            (first..<last).first(where: isQuiet)
            ?? (isForced ? (first..<last).min { levels[$0] < levels[$1] } : nil)
        return frame.map { min(max($0 * LevelMeter.frame, range.lowerBound), range.upperBound) }
    }
}
