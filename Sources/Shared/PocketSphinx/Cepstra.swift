import CPocketSphinx

/// The spectral frames of one recording, 100 a second, in memory that the library allocated.
@safe struct Cepstra: ~Copyable {
    private let rows: UnsafeMutablePointer<UnsafeMutablePointer<mfcc_t>?>
    let count: Int

    /// Runs the library's front end over all samples.
    ///
    /// Its own silence removal is off in the configuration, because it would shift every later time.
    init(of samples: [Int16], by decoder: OpaquePointer) throws(PocketSphinxError) {
        let frontEnd = unsafe ps_get_fe(decoder)
        unsafe fe_start_stream(frontEnd)
        unsafe fe_start_utt(frontEnd)
        var rows: UnsafeMutablePointer<UnsafeMutablePointer<mfcc_t>?>?
        var count: Int32 = 0
        let status = unsafe samples.withUnsafeBufferPointer { buffer in
            unsafe fe_process_utt(frontEnd, buffer.baseAddress, buffer.count, &rows, &count)
        }
        guard status >= 0, let rows = unsafe rows else { throw .decodingFailed }
        unsafe self.rows = rows
        self.count = Int(count)
    }

    deinit { unsafe fe_free_2d(rows) }

    /// The zeroth coefficient of each frame: a measure of its log energy.
    var energy: [Float] {
        (0..<count).map { frame in unsafe rows[frame]?[0] ?? 0 }
    }

    /// Mean of every coefficient, which the recogniser subtracts to cancel the microphone's colour.
    ///
    /// Frames far below the loudest are digital silence. Real rooms have none; counting them would drag the
    /// mean away from anything the models were trained on.
    func mean(coefficients: Int) -> [mfcc_t] {
        let energy = energy
        let floor = (energy.max() ?? 0) - 60
        var sums = [Double](repeating: 0, count: coefficients)
        var used = 0
        for frame in 0..<count where energy[frame] >= floor {
            guard let row = unsafe rows[frame] else { continue }
            for index in 0..<coefficients { sums[index] += unsafe Double(row[index]) }
            used += 1
        }
        return sums.map { mfcc_t($0 / Double(max(used, 1))) }
    }

    /// Calls `body` with the address of the rows from `frame` on; the address is valid during the call.
    func withRows(
        from frame: Int, _ body: (UnsafeMutablePointer<UnsafeMutablePointer<mfcc_t>?>) -> Int32
    ) -> Int32 {
        unsafe body(rows + frame)
    }
}
