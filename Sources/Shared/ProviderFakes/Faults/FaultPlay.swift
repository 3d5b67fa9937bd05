/// Puts one response onto the wire, or spoils it on the way.
struct FaultPlay {
    let connection: WireConnection
    let response: WireResponse

    /// - Returns: Whether the connection can carry another request.
    func run(_ fault: Fault?) -> Bool {
        switch fault {
        case .slow(let wait):
            return connection.pause(wait) && sendAll()
        case .trickle(let bytes, let pause):
            return trickle(bytes, every: pause)
        case .silence:
            connection.waitForClose()
            return false
        case .stall:
            sendHalf()
            connection.waitForClose()
            return false
        case .hangUp:
            return false
        case .cutOff:
            sendHalf()
            return false
        case .reset:
            sendHalf()
            connection.reset()
            return false
        default:
            return sendAll()
        }
    }

    private func sendAll() -> Bool { connection.send(response.head() + response.body) }

    private func sendHalf() {
        connection.send(response.head() + response.body.prefix(response.body.count / 2))
    }

    private func trickle(_ bytes: Int, every pause: Duration) -> Bool {
        var rest = (response.head() + response.body)[...]
        while !rest.isEmpty {
            guard connection.send(rest.prefix(bytes)) else { return false }
            rest = rest.dropFirst(bytes)
            guard rest.isEmpty || connection.pause(pause) else { return false }
        }
        return true
    }
}
