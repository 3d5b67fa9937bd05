import COgg
import COpus
import CoachDomain

/// Decodes Ogg/Opus straight to 16 kHz mono, fed with bytes as they come.
///
/// libopus produces 16 kHz itself, so there is no resampler on this path. Lost pages are noticed by
/// their sequence numbers and replaced by silence up to the next page's granule position (RFC 7845,
/// section 4), so that everything after the damage keeps its time.
@safe final class OggOpusDecoder {
    private(set) var damage = AudioDamage()
    /// Whether an `OpusHead` was found.
    private(set) var hasStream = false

    private var sync = unsafe ogg_sync_state()
    private var stream = unsafe ogg_stream_state()
    private var streamIsOpen = false
    private var serial: Int32 = 0
    private var codec: OpusCodec?
    private var staging: [Int16] = []
    private var headersLeft = 0
    /// Granule position (48 kHz, counted from the stream's beginning) after the last packet.
    private var position: Int64?
    /// Granule position of the stream's first sample, so that late-started streams begin at zero.
    private var origin: Int64 = 0
    private var sawEnd = false
    private var lostBytes = false
    /// 16 kHz samples still to drop before the stream's first audible one.
    private var skip = 0
    /// 16 kHz samples put out, for this chained stream and for all before it.
    private var produced = 0
    private var producedBefore = 0

    /// The largest gap that is filled rather than believed to be a lie.
    private static let largestGap48k: Int64 = 600 * 48_000
    /// Positions beyond 5 000 years are noise; without them no sum can overflow.
    private static let largestGranule: Int64 = 1 << 53
    private static let stagingTarget = 8_000

    init() {
        unsafe ogg_sync_init(&sync)
        staging.reserveCapacity(Self.stagingTarget + OpusCodec.largestPacket)
    }

    deinit {
        unsafe ogg_sync_clear(&sync)
        if streamIsOpen { unsafe ogg_stream_clear(&stream) }
    }

    /// Decodes every packet that is complete with these bytes.
    func feed(_ bytes: Span<UInt8>, into sink: inout some SampleSink & ~Copyable) throws(AudioError) {
        guard !bytes.isEmpty else { return }
        guard let room = unsafe ogg_sync_buffer(&sync, bytes.count) else {
            throw .io(operation: "buffer", errno: 12)
        }
        unsafe bytes.withUnsafeBytes { source in
            unsafe UnsafeMutableRawPointer(room).copyMemory(
                from: source.baseAddress ?? UnsafeRawPointer(room), byteCount: source.count)
        }
        unsafe ogg_sync_wrote(&sync, bytes.count)
        var page = unsafe ogg_page()
        while true {
            let taken = unsafe ogg_sync_pageseek(&sync, &page)
            if taken == 0 { break }
            if taken < 0 {
                lostBytes = true
                continue
            }
            try unsafe accept(&page, into: &sink)
        }
    }

    /// Says that no byte follows.
    func finish(into sink: inout some SampleSink & ~Copyable) throws(AudioError) {
        let unread = unsafe Int(sync.fill) - Int(sync.returned)
        // Headers and nothing behind them is a recording that was never spoken into, not a broken one.
        let isBlank = hasStream && headersLeft == 0 && position == nil && producedBefore == 0 && !lostBytes
        if unread > 0 || !sawEnd && !isBlank { damage.isTruncated = true }
        try flush(into: &sink)
    }

    // MARK: - Pages

    private func accept(
        _ page: inout ogg_page, into sink: inout some SampleSink & ~Copyable
    ) throws(AudioError) {
        let pageSerial = unsafe ogg_page_serialno(&page)
        if unsafe ogg_page_bos(&page) != 0, try unsafe begin(&page, serial: pageSerial, into: &sink) {
            return
        }
        guard streamIsOpen, pageSerial == serial else { return }
        let claimed = unsafe ogg_page_granulepos(&page)
        let granule = claimed < Self.largestGranule ? claimed : -1
        let isLast = unsafe ogg_page_eos(&page) != 0
        guard unsafe ogg_stream_pagein(&stream, &page) == 0 else {
            lostBytes = true
            return
        }
        var packets = unsafe takePackets()
        let headers = unsafe min(headersLeft, packets.count)
        unsafe packets.removeFirst(headers)
        headersLeft -= headers
        try unsafe place(packets, granule: granule, isLast: isLast, into: &sink)
        for index in unsafe packets.indices { try unsafe decode(packets[index], into: &sink) }
        if isLast {
            sawEnd = true
            trimEnd(at: granule)
        }
        if staging.count >= Self.stagingTarget || isLast { try flush(into: &sink) }
    }

    /// Adopts the first Opus stream of the file, or the next one of a chain.
    private func begin(
        _ page: inout ogg_page, serial pageSerial: Int32, into sink: inout some SampleSink & ~Copyable
    ) throws(AudioError) -> Bool {
        if streamIsOpen, !sawEnd, pageSerial != serial { return false }
        var candidate = unsafe ogg_stream_state()
        guard unsafe ogg_stream_init(&candidate, pageSerial) == 0 else { return false }
        var packet = unsafe ogg_packet()
        guard unsafe ogg_stream_pagein(&candidate, &page) == 0,
            unsafe ogg_stream_packetout(&candidate, &packet) == 1,
            let head = unsafe OpusHead(
                packet: UnsafeRawBufferPointer(start: packet.packet, count: packet.bytes))
        else {
            unsafe ogg_stream_clear(&candidate)
            return false
        }
        try flush(into: &sink)
        if streamIsOpen { unsafe ogg_stream_clear(&stream) }
        unsafe stream = candidate
        streamIsOpen = true
        serial = pageSerial
        codec = try OpusCodec(head: head)
        hasStream = true
        headersLeft = 1
        position = nil
        origin = 0
        sawEnd = false
        lostBytes = false
        skip = (head.preSkip48k + 1) / 3
        producedBefore += produced
        produced = 0
        return true
    }

    /// The packets that are complete with the page just put in; valid until the next page.
    private func takePackets() -> [UnsafeRawBufferPointer] {
        var packets: [UnsafeRawBufferPointer] = unsafe []
        var packet = unsafe ogg_packet()
        while true {
            let outcome = unsafe ogg_stream_packetout(&stream, &packet)
            if outcome == 0 { return unsafe packets }
            if outcome < 0 {
                lostBytes = true
                continue
            }
            unsafe packets.append(UnsafeRawBufferPointer(start: packet.packet, count: packet.bytes))
        }
    }

    /// Finds where on the clock a page's packets belong, and fills what was lost before them.
    private func place(
        _ packets: [UnsafeRawBufferPointer], granule: Int64, isLast: Bool,
        into sink: inout some SampleSink & ~Copyable
    ) throws(AudioError) {
        let duration = unsafe packets.reduce(Int64(0)) { sum, packet in
            sum + Int64(unsafe OpusCodec.samples(in: packet, rate: 48_000))
        }
        guard !(unsafe packets.isEmpty) else { return }
        guard let expected = position else {
            // The first page's end tells where the stream starts; one that is also the last may be cut.
            if granule > duration, !isLast { origin = granule - duration }
            position = origin + duration
            lostBytes = false
            return
        }
        position = expected + duration
        guard granule >= 0, lostBytes else { return }
        lostBytes = false
        let gap = granule - (expected + duration)
        guard gap > 0, gap <= Self.largestGap48k else {
            note(missing: TimeSpan(start: clock, end: clock))
            return
        }
        position = granule
        try fill(Int(gap / 3), into: &sink)
    }

    private func fill(_ samples: Int, into sink: inout some SampleSink & ~Copyable) throws(AudioError) {
        note(missing: TimeSpan(start: clock, end: clock + EngineFormat.seconds(samples)))
        var left = samples
        while left > 0 {
            let step = min(left, Self.stagingTarget)
            staging.append(contentsOf: repeatElement(0, count: step))
            produced += step
            left -= step
            try flush(into: &sink)
        }
    }

    private func note(missing span: TimeSpan) {
        if damage.missing.count < 64 { damage.missing.append(span) }
    }

    /// Seconds of original put out so far.
    private var clock: Double { EngineFormat.seconds(producedBefore + produced) }

    // MARK: - Packets

    private func decode(
        _ packet: UnsafeRawBufferPointer, into sink: inout some SampleSink & ~Copyable
    ) throws(AudioError) {
        guard let codec else { return }
        let before = staging.count
        if !(unsafe codec.decode(packet, onto: &staging)) { damage.refusedPackets += 1 }
        let dropped = min(skip, staging.count - before)
        if dropped > 0 {
            staging.removeSubrange(before..<(before + dropped))
            skip -= dropped
        }
        produced += staging.count - before
        if staging.count >= Self.stagingTarget * 2 {
            try flush(into: &sink, keeping: OpusCodec.largestPacket)
        }
    }

    /// The last granule position may lie inside the last packet: the rest is encoder padding.
    private func trimEnd(at granule: Int64) {
        guard let position, granule >= 0, granule < position else { return }
        let surplus = min(Int((position - max(granule, origin)) / 3), staging.count, produced)
        staging.removeLast(surplus)
        produced -= surplus
    }

    /// - Parameter keeping: Samples held back, because the page may turn out to be the last and its
    ///   end may be cut.
    private func flush(
        into sink: inout some SampleSink & ~Copyable, keeping: Int = 0
    ) throws(AudioError) {
        let count = staging.count - keeping
        guard count > 0 else { return }
        let ready = staging
        try sink.accept(ready.span.extracting(first: count))
        staging.removeFirst(count)
    }
}
