/// Reads a Prometheus text exposition (0.0.4) as strictly as `promtool check metrics`, and names each fault.
///
/// Grammar: https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
struct ExpositionChecker {
    struct Sample: Equatable {
        var name: String
        var labels: [String: String]
        var value: Double
    }

    private(set) var samples: [Sample] = []
    private(set) var faults: [String] = []
    private var types: [String: String] = [:]
    private var helps: Set<String> = []
    private var finished: Set<String> = []
    private var currentFamily: String?

    init(_ text: String) {
        if !text.isEmpty, !text.hasSuffix("\n") { faults.append("the last line has no line feed") }
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            .enumerated()
        {
            read(line, number: index + 1)
        }
        checkHistograms()
        var seen: Set<String> = []
        for sample in samples where !seen.insert(Self.identity(sample)).inserted {
            faults.append("\(sample.name): the same series twice")
        }
    }

    func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
        samples.first { $0.name == name && $0.labels == labels }?.value
    }

    private mutating func read(_ line: Substring, number: Int) {
        if let match = line.wholeMatch(of: /# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)/) {
            enter(String(match.1), number: number)
            if !helps.insert(String(match.1)).inserted { faults.append("line \(number): HELP twice") }
            if match.2.wholeMatch(of: /(?:[^\\]|\\[\\n])*/) == nil {
                faults.append("line \(number): bad escape in HELP")
            }
        } else if let match = line.wholeMatch(
            of: /# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram|summary|untyped)/)
        {
            enter(String(match.1), number: number)
            if types.updateValue(String(match.2), forKey: String(match.1)) != nil {
                faults.append("line \(number): TYPE twice")
            }
        } else if line.hasPrefix("#") || line.isEmpty {
            faults.append("line \(number): neither HELP, TYPE nor a sample")
        } else {
            readSample(line, number: number)
        }
    }

    private mutating func enter(_ family: String, number: Int) {
        guard family != currentFamily else { return }
        if let currentFamily { finished.insert(currentFamily) }
        if finished.contains(family) { faults.append("line \(number): \(family) is not in one group") }
        currentFamily = family
    }

    private mutating func readSample(_ line: Substring, number: Int) {
        guard
            let match = line.wholeMatch(
                of: /([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? ([-+]?(?:[0-9.]+(?:[eE][-+]?[0-9]+)?|Inf)|NaN)/),
            let value = Double(match.3 == "+Inf" ? "inf" : match.3 == "-Inf" ? "-inf" : String(match.3))
        else {
            faults.append("line \(number): not a sample: \(line)")
            return
        }
        let name = String(match.1)
        guard let labels = readLabels(match.2 ?? "", number: number) else { return }
        let family = Self.family(of: name, types: types)
        enter(family, number: number)
        if !helps.contains(family) { faults.append("line \(number): \(family) has no HELP") }
        if types[family] == nil { faults.append("line \(number): \(family) has no TYPE") }
        if types[family] == "counter" {
            if !name.hasSuffix("_total") { faults.append("line \(number): counter without _total") }
            if !(value >= 0) { faults.append("line \(number): negative counter") }
        }
        samples.append(Sample(name: name, labels: labels, value: value))
    }

    private mutating func readLabels(_ text: Substring, number: Int) -> [String: String]? {
        var rest = text
        var labels: [String: String] = [:]
        while !rest.isEmpty {
            guard
                let match = rest.prefixMatch(
                    of: /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,(?=.)|$)/)
            else {
                faults.append("line \(number): bad labels: \(rest)")
                return nil
            }
            let value = String(match.2).replacing(/\\([\\"n])/) { $0.1 == "n" ? "\n" : String($0.1) }
            if labels.updateValue(value, forKey: String(match.1)) != nil {
                faults.append("line \(number): label \(match.1) twice")
            }
            rest = rest[match.range.upperBound...]
        }
        return labels
    }

    private mutating func checkHistograms() {
        for (family, type) in types where type == "histogram" {
            let groups = Dictionary(grouping: samples.filter { $0.name.hasPrefix("\(family)_") }) { sample in
                Self.identity(Sample(name: "", labels: sample.labels.filter { $0.key != "le" }, value: 0))
            }
            for group in groups.values {
                let buckets = group.filter { $0.name == "\(family)_bucket" }
                let bounds = buckets.compactMap { $0.labels["le"] }.map { Double($0 == "+Inf" ? "inf" : $0) }
                let counts = buckets.map(\.value)
                let count = group.first { $0.name == "\(family)_count" }?.value
                if bounds.contains(nil) || bounds.compactMap({ $0 }) != bounds.compactMap({ $0 }).sorted() {
                    faults.append("\(family): bounds not ascending numbers")
                }
                if bounds.last != .some(.infinity) { faults.append("\(family): no +Inf bucket") }
                if counts != counts.sorted() { faults.append("\(family): buckets not cumulative") }
                if count == nil || count != counts.last {
                    faults.append("\(family): count is not the +Inf bucket")
                }
                if !group.contains(where: { $0.name == "\(family)_sum" }) {
                    faults.append("\(family): no sum")
                }
            }
        }
    }

    private static func family(of name: String, types: [String: String]) -> String {
        for suffix in ["_bucket", "_sum", "_count"] where name.hasSuffix(suffix) {
            let base = String(name.dropLast(suffix.count))
            if types[base] == "histogram" { return base }
        }
        return name
    }

    private static func identity(_ sample: Sample) -> String {
        sample.name + sample.labels.sorted { $0.key < $1.key }.map { "|\($0.key)=\($0.value)" }.joined()
    }
}
