import CLibcurl
import Foundation

// libcurl calls these on the transfer thread, between `curl_multi_add_handle` and `curl_multi_remove_handle`.
// The engine holds the transfer for exactly that long, so the address is valid.

private func transfer(at address: UnsafeMutableRawPointer?) -> Transfer? {
    guard let address = unsafe address else { return nil }
    return unsafe Unmanaged<Transfer>.fromOpaque(address).takeUnretainedValue()
}

let onIssue: curl_prereq_callback = { address, _, _, _, _ in
    guard let transfer = unsafe transfer(at: address), transfer.willIssue(at: .now) else {
        return CURL_PREREQFUNC_ABORT
    }
    return CURL_PREREQFUNC_OK
}

let onHeader: curl_write_callback = { bytes, size, count, address in
    let line = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
    guard let transfer = unsafe transfer(at: address), unsafe transfer.receiveHeader(line, at: .now) else {
        return stopped
    }
    return line.count
}

let onWrite: curl_write_callback = { bytes, size, count, address in
    let chunk = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
    guard let transfer = unsafe transfer(at: address) else { return stopped }
    switch unsafe transfer.receiveBody(chunk, at: .now) {
    case .all: return chunk.count
    case .paused: return Int(CURL_WRITEFUNC_PAUSE)
    case .failed: return stopped
    }
}

let onRead: curl_read_callback = { bytes, size, count, address in
    guard let transfer = unsafe transfer(at: address) else { return Int(CURL_READFUNC_ABORT) }
    let target = unsafe UnsafeMutableRawBufferPointer(start: bytes, count: size * count)
    return switch unsafe transfer.provide(target, at: .now) {
    case .bytes(let count): count
    case .wait: Int(CURL_READFUNC_PAUSE)
    case .end: 0
    case .failed: Int(CURL_READFUNC_ABORT)
    }
}

let onSeek: curl_seek_callback = { address, offset, origin in
    guard let transfer = unsafe transfer(at: address), origin == SEEK_SET,
        transfer.rewind(to: Int(offset))
    else { return CURL_SEEKFUNC_FAIL }
    return CURL_SEEKFUNC_OK
}

/// Only set for multipart bodies, which libcurl reads without asking us.
let onProgress: curl_xferinfo_callback = { address, _, _, _, uploaded in
    if let transfer = unsafe transfer(at: address), Int(uploaded) > transfer.uploaded {
        transfer.uploaded = Int(uploaded)
        transfer.timer.sent(at: .now)
    }
    return 0
}

/// `address` is not an address here but the limit in milliseconds.
let onSocket: curl_sockopt_callback = { address, socket, _ in
    var limit = UInt32(clamping: Int(bitPattern: address))
    // A kernel that refuses the option merely notices a dead connection later.
    _ = unsafe setsockopt(
        socket, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, &limit, socklen_t(MemoryLayout<UInt32>.size))
    return CURL_SOCKOPT_OK
}

/// Any count other than the offered one stops the transfer; the offered one is never negative.
private let stopped = -1
