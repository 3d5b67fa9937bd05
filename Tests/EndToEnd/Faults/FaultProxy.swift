import Foundation
import Synchronization

/// A link that can be cut, frozen, slowed or broken: a loopback port in front of a server.
///
/// One thread moves all bytes. A frozen link keeps its connections and goes on where it stood when it thaws.
final class FaultProxy: Sendable {
    enum Target: Hashable, Sendable {
        case port(Int)
        case socket(path: String)
    }

    enum Mode: Hashable, Sendable {
        case open
        /// Connections are made, and nothing passes in either direction.
        case frozen
        /// Connections are reset as soon as they are made.
        case refusing
        /// Everything arrives this much later.
        case late(Duration)
        /// A few bytes at a time, in each direction of each connection.
        case trickling(bytesPerSecond: Int)
    }

    enum Cut: Hashable, Sendable { case finished, reset }

    struct Failed: Error { var errno: Int32 }

    struct Orders: Sendable {
        var mode = Mode.open
        /// Tried in this order, for every new connection.
        var targets: [Target]
        var cuts: [Cut] = []
        var isStopped = false
    }

    let port: Int
    private let orders: Mutex<Orders>

    /// Listens on a free port of 127.0.0.1 until ``stop()``.
    init(to target: Target) throws {
        orders = Mutex(Orders(targets: [target]))
        let port = Ports.free()
        guard let listener = Descriptor.listening(on: port) else { throw Failed(errno: errno) }
        self.port = port
        let thread = Thread { [self] in
            var loop = ProxyLoop(listener: listener)
            loop.run { self.takeOrders() }
        }
        thread.start()
    }

    func set(_ mode: Mode) { orders.withLock { $0.mode = mode } }

    /// Ends all connections that exist; new ones are made as the mode says.
    func cut(_ how: Cut) { orders.withLock { $0.cuts.append(how) } }

    /// New connections go to `target`, or to where they went before when it does not answer.
    func lead(to target: Target) { orders.withLock { $0.targets.insert(target, at: 0) } }

    func stop() { orders.withLock { $0.isStopped = true } }

    private func takeOrders() -> Orders {
        orders.withLock { orders in
            defer { orders.cuts = [] }
            return orders
        }
    }
}

/// What the proxy's thread works on.
private struct ProxyLoop {
    /// One direction of one connection.
    private struct Flow {
        var from: Int32
        var to: Int32
        var waiting: [(due: ContinuousClock.Instant, bytes: ArraySlice<UInt8>)] = []
        var sourceEnded = false
        /// Bytes that a trickle may pass now.
        var allowance = 0.0
    }

    private let listener: Int32
    private var flows: [Flow] = []
    private var last = ContinuousClock.now

    init(listener: Int32) { self.listener = listener }

    mutating func run(_ orders: () -> FaultProxy.Orders) {
        while true {
            let orders = orders()
            for how in orders.cuts { closeAll(how) }
            if orders.isStopped { break }
            step(orders)
        }
        closeAll(.finished)
        Glibc.close(listener)
    }

    private mutating func step(_ orders: FaultProxy.Orders) {
        var polled = [pollfd(fd: listener, events: Int16(POLLIN), revents: 0)]
        if orders.mode != .frozen {
            for flow in flows where !flow.sourceEnded && flow.waiting.count < 64 {
                polled.append(pollfd(fd: flow.from, events: Int16(POLLIN), revents: 0))
            }
        }
        let isQuick = orders.mode == .open && flows.allSatisfy { $0.waiting.isEmpty }
        poll(&polled, nfds_t(polled.count), isQuick ? 5 : 2)
        if polled[0].revents != 0 { accept(orders) }
        let elapsed = (ContinuousClock.now - last) / .seconds(1)
        last = .now
        guard orders.mode != .frozen else { return }
        let readable = Set(polled.dropFirst().filter { $0.revents != 0 }.map(\.fd))
        var broken: Set<Int32> = []
        for index in flows.indices {
            if readable.contains(flows[index].from) { receive(index, orders.mode, &broken) }
            send(index, orders.mode, elapsed, &broken)
        }
        end(broken)
    }

    private mutating func accept(_ orders: FaultProxy.Orders) {
        let client = Glibc.accept(listener, nil, nil)
        guard client >= 0 else { return }
        guard orders.mode != .refusing,
            let server = orders.targets.lazy.compactMap({ Descriptor.connected(to: $0) }).first
        else { return Descriptor.reset(client) }
        for descriptor in [client, server] { Descriptor.prepare(descriptor) }
        flows.append(Flow(from: client, to: server))
        flows.append(Flow(from: server, to: client))
    }

    private mutating func receive(_ index: Int, _ mode: FaultProxy.Mode, _ broken: inout Set<Int32>) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = read(flows[index].from, &buffer, buffer.count)
        if count > 0 {
            var due = ContinuousClock.now
            if case .late(let delay) = mode { due += delay }
            flows[index].waiting.append((due, buffer[..<count]))
        } else if count == 0 {
            flows[index].sourceEnded = true
        } else if errno != EAGAIN, errno != EINTR {
            broken.insert(flows[index].from)
        }
    }

    private mutating func send(
        _ index: Int, _ mode: FaultProxy.Mode, _ elapsed: Double, _ broken: inout Set<Int32>
    ) {
        var most = Int.max
        if case .trickling(let rate) = mode {
            flows[index].allowance = min(flows[index].allowance + elapsed * Double(rate), Double(rate))
            most = Int(flows[index].allowance)
        }
        while most > 0, let next = flows[index].waiting.first, next.due <= .now {
            let piece = Array(next.bytes.prefix(most))
            let count = Glibc.send(flows[index].to, piece, piece.count, Int32(MSG_NOSIGNAL))
            guard count > 0 else {
                if errno != EAGAIN, errno != EINTR { broken.insert(flows[index].to) }
                return
            }
            most -= count
            flows[index].allowance -= Double(count)
            flows[index].waiting[0].bytes = next.bytes.dropFirst(count)
            if flows[index].waiting[0].bytes.isEmpty { flows[index].waiting.removeFirst() }
        }
        if flows[index].sourceEnded, flows[index].waiting.isEmpty { broken.insert(flows[index].from) }
    }

    /// Ends the connections that these descriptors belong to, both sides of each.
    private mutating func end(_ broken: Set<Int32>) {
        guard !broken.isEmpty else { return }
        let dead = flows.filter { broken.contains($0.from) || broken.contains($0.to) }
        for descriptor in Set(dead.flatMap { [$0.from, $0.to] }) { Glibc.close(descriptor) }
        flows.removeAll { broken.contains($0.from) || broken.contains($0.to) }
    }

    private mutating func closeAll(_ how: FaultProxy.Cut) {
        for descriptor in Set(flows.map(\.from)) {
            if how == .reset { Descriptor.reset(descriptor) } else { Glibc.close(descriptor) }
        }
        flows = []
    }
}

/// Sockets, as far as the proxy needs them.
private enum Descriptor {
    static func listening(on port: Int) -> Int32? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        let bound = withLoopback(port) { bind(descriptor, $0, $1) == 0 && listen(descriptor, 256) == 0 }
        guard bound else {
            close(descriptor)
            return nil
        }
        prepare(descriptor)
        return descriptor
    }

    static func connected(to target: FaultProxy.Target) -> Int32? {
        let descriptor: Int32
        let isConnected: Bool
        switch target {
        case .port(let port):
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            isConnected = withLoopback(port) { connect(descriptor, $0, $1) == 0 }
        case .socket(let path):
            descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) {
                $0.copyBytes(from: path.utf8.prefix($0.count - 1))
            }
            let size = socklen_t(MemoryLayout<sockaddr_un>.size)
            isConnected = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, size) == 0
                }
            }
        }
        guard isConnected else {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    static func prepare(_ descriptor: Int32) {
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    /// RST instead of FIN.
    static func reset(_ descriptor: Int32) {
        var now = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
        close(descriptor)
    }

    private static func withLoopback<Result>(
        _ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        address.sin_port = in_port_t(port).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
