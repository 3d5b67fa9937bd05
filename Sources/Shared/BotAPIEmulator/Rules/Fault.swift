/// A failure to be shown instead of, or besides, the honest answer.
package struct Fault: Hashable, Sendable, Codable {
    package enum Effect: Hashable, Sendable {
        /// 429; nothing is done.
        case rateLimited(seconds: Int)
        /// An error of the Bot API with these words; nothing is done.
        case refused(code: Int, description: String)
        /// A status with HTML from something that stands before the Bot API; nothing is done.
        case gateway(status: Int)
        /// The work is done and the connection breaks before the answer.
        case dropReply
        /// The work is done and the answer comes late.
        case delay(milliseconds: Int)
    }

    /// A method without regard to case, `file` for downloads, `*` for everything.
    package var method: String
    package var effect: Effect
    /// How many calls it strikes; nil for all from now on.
    package var remaining: Int?

    package init(_ method: String, _ effect: Effect, times: Int? = 1) {
        self.method = method
        self.effect = effect
        remaining = times
    }

    func strikes(_ name: String) -> Bool { method == "*" || method.lowercased() == name.lowercased() }

    // MARK: Coding: {"method":"sendMessage","fault":"rateLimited","seconds":3,"times":2}

    private enum CodingKeys: String, CodingKey {
        case method, fault, seconds, code, description, status, milliseconds, times
    }

    private enum Name: String, Codable {
        case rateLimited, refused, gateway, dropReply, delay
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        method = try fields.decode(String.self, forKey: .method)
        remaining = try fields.decodeIfPresent(Int.self, forKey: .times)
        effect =
            switch try fields.decode(Name.self, forKey: .fault) {
            case .rateLimited: .rateLimited(seconds: try fields.decode(Int.self, forKey: .seconds))
            case .refused:
                .refused(
                    code: try fields.decode(Int.self, forKey: .code),
                    description: try fields.decode(String.self, forKey: .description))
            case .gateway: .gateway(status: try fields.decode(Int.self, forKey: .status))
            case .dropReply: .dropReply
            case .delay: .delay(milliseconds: try fields.decode(Int.self, forKey: .milliseconds))
            }
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(method, forKey: .method)
        try fields.encodeIfPresent(remaining, forKey: .times)
        switch effect {
        case .rateLimited(let seconds):
            try fields.encode(Name.rateLimited, forKey: .fault)
            try fields.encode(seconds, forKey: .seconds)
        case .refused(let code, let description):
            try fields.encode(Name.refused, forKey: .fault)
            try fields.encode(code, forKey: .code)
            try fields.encode(description, forKey: .description)
        case .gateway(let status):
            try fields.encode(Name.gateway, forKey: .fault)
            try fields.encode(status, forKey: .status)
        case .dropReply:
            try fields.encode(Name.dropReply, forKey: .fault)
        case .delay(let milliseconds):
            try fields.encode(Name.delay, forKey: .fault)
            try fields.encode(milliseconds, forKey: .milliseconds)
        }
    }
}

/// The faults in force. The first that fits strikes; used up, it is gone.
struct FaultList {
    private(set) var faults: [Fault] = []

    mutating func add(_ fault: Fault) { faults.append(fault) }
    mutating func removeAll() { faults = [] }

    mutating func strike(_ method: String) -> Fault.Effect? {
        guard let index = faults.firstIndex(where: { $0.strikes(method) }) else { return nil }
        let effect = faults[index].effect
        if let remaining = faults[index].remaining {
            faults[index].remaining = remaining - 1
            if remaining <= 1 { faults.remove(at: index) }
        }
        return effect
    }
}
