import CoachDomain

/// Counts syllables by their sound: voiced peaks of intensity (de Jong and Wempe 2009).
///
/// Needs no words and no language. A peak counts when it lies within 25 dB of the loud parts of the note,
/// rises at least 2 dB above the dip before it, and is voiced.
enum SyllableNuclei {
    private static let rangeDB: Float = 25
    private static let dipDB: Float = 2

    /// Frame numbers of the peaks, in order.
    static func peaks(in track: AcousticTrack, spans: [TimeSpan]) -> [Int] {
        // 60 ms: as long as the window that Praat uses for a lowest pitch of 50 Hz.
        let level = track.intensity.smoothed(width: 7)
        let inside = track.intensity.frames(in: spans)
        guard let loud = inside.map({ level[$0] }).quantile(0.99) else { return [] }
        let threshold = loud - rangeDB
        var isInside = [Bool](repeating: false, count: level.count)
        for frame in inside { isInside[frame] = true }
        var found: [Int] = []
        // Before the note there was silence.
        var dip = IntensityTrack.silenceDB
        var candidate: Int?
        for frame in level.indices {
            if let top = candidate {
                if level[frame] > level[top] {
                    candidate = frame
                } else if level[top] - level[frame] >= dipDB {
                    // The fall confirms the peak; its voice is asked for at the top.
                    if isInside[top], isVoiced(top, track.pitch) { found.append(top) }
                    candidate = nil
                    dip = level[frame]
                }
            } else {
                dip = min(dip, level[frame])
                if level[frame] > threshold, level[frame] - dip >= dipDB { candidate = frame }
            }
        }
        if let top = candidate, isInside[top], isVoiced(top, track.pitch) { found.append(top) }
        return found
    }

    private static func isVoiced(_ frame: Int, _ pitch: PitchTrack) -> Bool {
        (max(0, frame - 1)...frame + 1).contains { pitch.hertz.indices.contains($0) && pitch.hertz[$0] > 0 }
    }
}
