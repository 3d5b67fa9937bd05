/// What a request carries.
package enum HTTPBody: Sendable {
    case none
    case bytes([UInt8])
    /// `multipart/form-data`; the boundary and the header are made here.
    case multipart([MultipartPart])
    /// The file's length is taken when the transfer starts.
    case file(path: String)
    case stream(HTTPUploadStream)

    package static func text(_ text: String) -> HTTPBody { .bytes(Array(text.utf8)) }
}

/// One part of a `multipart/form-data` body.
package struct MultipartPart: Sendable {
    package enum Content: Sendable {
        case bytes([UInt8])
        case file(path: String)
    }

    package var name: String
    package var content: Content
    /// Present on file parts. Servers that judge by extension see this name.
    package var filename: String?
    package var contentType: String?

    package init(name: String, content: Content, filename: String? = nil, contentType: String? = nil) {
        self.name = name
        self.content = content
        self.filename = filename
        self.contentType = contentType
    }

    package static func field(_ name: String, _ value: String) -> MultipartPart {
        MultipartPart(name: name, content: .bytes(Array(value.utf8)))
    }

    package static func file(
        _ name: String, bytes: [UInt8], filename: String, contentType: String
    ) -> MultipartPart {
        MultipartPart(name: name, content: .bytes(bytes), filename: filename, contentType: contentType)
    }

    /// Read from disk while it is sent.
    package static func file(
        _ name: String, path: String, filename: String, contentType: String
    ) -> MultipartPart {
        MultipartPart(name: name, content: .file(path: path), filename: filename, contentType: contentType)
    }
}

/// A request body produced while it is sent, no faster than the server takes it.
///
/// The sequence is iterated once, in a task that is cancelled as soon as the transfer ends.
package struct HTTPUploadStream: Sendable {
    /// Known length in bytes; without it HTTP/1.1 uses chunked encoding. A sequence that ends early fails the
    /// request; bytes beyond the length are not sent.
    package let length: Int?
    let produce: @Sendable (_ send: ([UInt8]) async throws -> Void) async throws -> Void

    package init<Chunks: AsyncSequence & Sendable>(_ chunks: Chunks, length: Int? = nil)
    where Chunks.Element == [UInt8] {
        self.length = length
        produce = { send in
            for try await chunk in chunks { try await send(chunk) }
        }
    }
}
