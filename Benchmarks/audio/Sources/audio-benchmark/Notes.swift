import Foundation

/// Notes of 5, 15, 60 and 600 s as Telegram's desktop and newer Android clients make them, by
/// repeating the repository's sample.
enum Notes {
    static let lengths = [5, 15, 60, 600]

    enum Client: String, CaseIterable {
        case desktop, android

        var codec: [String] {
            switch self {
            case .desktop: ["-b:a", "32k", "-application", "audio"]
            case .android: ["-b:a", "120k", "-application", "voip", "-page_duration", "20000"]
            }
        }
    }

    /// - Parameter sample: Path of a spoken note to repeat.
    static func make(from sample: String, in folder: String) throws {
        for client in Client.allCases {
            for length in lengths {
                let path = path(client, length, in: folder)
                guard !FileManager.default.fileExists(atPath: path) else { continue }
                _ = try Child.run(
                    [
                        "ffmpeg", "-nostdin", "-v", "error", "-y", "-stream_loop", "-1", "-i", sample, "-t",
                        "\(length)",
                    ]
                        + ["-ar", "48000", "-ac", "1", "-c:a", "libopus"] + client.codec + [path])
            }
        }
    }

    static func path(_ client: Client, _ length: Int, in folder: String) -> String {
        "\(folder)/\(client.rawValue)-\(length).ogg"
    }
}
