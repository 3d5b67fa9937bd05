import Pictures
import Testing

struct ApprovedPictureTests {
    /// Telegram shows a photo this small at once; the issue is a slow phone network.
    private static let largest = 100_000

    private static let cards: [String: CoachCard] = [
        "card-light": SampleCards.card(), "card-dark": SampleCards.card(theme: .dark),
        "card-russian": SampleCards.inRussian, "card-sparse": SampleCards.sparse,
        "card-long": SampleCards.card(seconds: 900), "card-contours": SampleCards.fromContours,
    ]

    private static let progress: [String: ProgressPicture] = [
        "progress-light": SampleCards.progress(), "progress-dark": SampleCards.progress(theme: .dark),
        "progress-many": SampleCards.progress(entries: 45),
        "progress-first": SampleCards.progress(entries: 1),
    ]

    @Test(arguments: cards.keys.sorted())
    func `a card looks as approved, 1080 pixels wide and under 100 kB`(name: String) async throws {
        let card = try #require(Self.cards[name])
        let file = try await card.png()
        #expect(try DecodedPicture(file).width == 1_080)
        #expect(file.count < Self.largest)
        #expect(try Approved.difference(of: file, to: name) <= Approved.tolerance)
    }

    @Test(arguments: progress.keys.sorted())
    func `a progress picture looks as approved`(name: String) async throws {
        let picture = try #require(Self.progress[name])
        let file = try await picture.png()
        #expect(try DecodedPicture(file).width == 1_080)
        #expect(file.count < Self.largest)
        #expect(try Approved.difference(of: file, to: name) <= Approved.tolerance)
    }

    @Test func `the comparison notices one pause that is gone, and another number`() async throws {
        let whole = try DecodedPicture(try await SampleCards.card().png())
        var card = SampleCards.card()
        card.pauses.remove(at: 2)
        #expect(try DecodedPicture(try await card.png()).difference(to: whole) > Approved.tolerance)
        card = SampleCards.card()
        card.headlines[0].value = "128"
        #expect(try DecodedPicture(try await card.png()).difference(to: whole) > Approved.tolerance)
    }

    @Test func `nonsense is drawn as far as it makes sense`() async throws {
        var card = SampleCards.card()
        card.seconds = .nan
        card.waveform = [.nan, -1, .infinity, 2]
        card.pauses = [.init(start: .nan, end: 1), .init(start: 5, end: 2), .init(start: -3, end: 1e300)]
        card.fillers = [.init(start: 1e300, end: .nan, label: String(repeating: "ы", count: 500))]
        card.pace = [.init(time: .infinity, value: .nan), .init(time: 1, value: 1e300)]
        card.pitch = [.init(time: 0, value: -1e300), .init(time: 0.5, value: .nan)]
        card.headlines = Array(
            repeating: .init(
                value: String(repeating: "9", count: 99), unit: String(repeating: "м", count: 99), label: "",
                remark: "\u{0}\n\t🙂"), count: 9)
        card.title = String(repeating: "Длинное название ", count: 40)
        #expect(try DecodedPicture(try await card.png()).width == 1_080)
        card.seconds = 30
        #expect(try await card.png().count < Self.largest)

        var progress = SampleCards.progress()
        progress.entries = [.init(value: .nan, text: "", day: ""), .init(value: 1e300, text: "x", day: "y")]
        progress.usual = -1e300...1e300
        progress.days = Array(repeating: .init(name: "Montag", isPractised: true), count: 99)
        #expect(try await progress.png().count < Self.largest)
        progress.entries = []
        #expect(try await progress.png().count < Self.largest)
    }
}
