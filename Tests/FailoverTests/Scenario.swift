/// One kind of day.
struct Scenario {
    var name: String
    var workload: Workload
    /// When something is wrong; the whole run when nothing is.
    var outage: Range<Double>

    /// From ten seconds after the beginning, when it should have been noticed.
    var steady: Range<Double> { outage.lowerBound + 10..<outage.upperBound }

    private static func providers(primary trouble: Trouble?, during: Range<Double>, all: Bool = false)
        -> [ModelledProvider]
    {
        var list = [
            ModelledProvider(name: "primary"), ModelledProvider(name: "second", median: 2.2),
            ModelledProvider(name: "third", median: 1.8, inputPrice: 0.3, outputPrice: 2.5),
        ]
        guard let trouble else { return list }
        for index in list.indices where index == 0 || all { list[index].troubles = [(during, trouble)] }
        return list
    }

    private static func with(_ name: String, _ trouble: Trouble?, all: Bool = false) -> Scenario {
        let outage = trouble == nil ? 60.0..<1_800 : 600..<1_200.0
        return Scenario(
            name: name, workload: Workload(providers: providers(primary: trouble, during: outage, all: all)),
            outage: outage)
    }

    static let healthy = with("healthy", nil)
    static let outages = [
        with("connection refused", .refused), with("503", .unavailable), with("black hole", .blackHole),
        with("stall after headers", .stall), with("429 storm, Retry-After 20", .storm(retryAfter: 20)),
        with("truncated answers", .truncated), with("unusable answers", .invalid),
        with("quota used up", .quota),
    ]
    static let degraded = [
        with("slow drip, 10 times", .slow(10)), with("30 % errors", .errors(0.3)),
        with("flapping every 20 s", .flapping(20)),
    ]
    static let allDown = with("every provider down", .unavailable, all: true)
    static let all = [healthy] + outages + degraded + [allDown]
}
