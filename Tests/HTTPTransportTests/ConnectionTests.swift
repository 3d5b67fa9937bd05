import Foundation
import HTTPTransport
import LoopbackHTTP
import Testing

@Suite struct ConnectionTests {
    let client = HTTPClient()

    @Test func `one connection serves requests that follow each other`() async throws {
        let server = try LoopbackServer { connection in
            while connection.readRequest() != nil { connection.respond(body: "ok") }
        }
        for round in 0..<20 {
            let response = try await client.execute(.test("POST", server.url, body: .text("\(round)")))
            #expect(response.head.reusedConnection == (round > 0))
            if round > 0 { #expect(response.timings.connect == .zero) }
        }
        #expect(server.connectionCount == 1)
    }

    @Test func `two hundred requests at once share a bounded number of connections`() async throws {
        let server = try LoopbackServer { connection in
            while let request = connection.readRequest() { connection.respond(body: request.target) }
        }
        let client = HTTPClient(configuration: .init(maximumConnectionsPerHost: 16))
        let answers = try await withThrowingTaskGroup(of: (Int, String).self) { group in
            for number in 0..<200 {
                group.addTask {
                    (number, try await client.execute(.test("GET", server.url + "/\(number)")).text)
                }
            }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        #expect(answers.count == 200)
        #expect(answers.allSatisfy { $0.value == "/\($0.key)" })
        #expect(server.connectionCount <= 16)
    }

    @Test func `a request that waits for a free connection still has its deadline`() async throws {
        let server = try LoopbackServer { connection in
            _ = connection.readRequest()
            connection.waitForClose()
        }
        let client = HTTPClient(configuration: .init(maximumConnectionsPerHost: 1))
        let holder = Task { try await client.execute(.test("GET", server.url)) }
        while server.connectionCount == 0 { await Task.yield() }
        await #expect(throws: HTTPError.timedOut(phase: .connect)) {
            try await client.execute(.test("GET", server.url, deadline: .milliseconds(200)))
        }
        holder.cancel()
        await #expect(throws: HTTPError.cancelled) { try await holder.value }
    }

    @Test func `a POST lost on a kept connection is not sent a second time`() async throws {
        let posts = Counter()
        let server = try LoopbackServer { connection in
            while let request = connection.readRequest() {
                if request.method == "POST" {
                    posts.add()
                    return
                }
                connection.respond()
            }
        }
        for body in [HTTPBody.text("charge me"), .none, .multipart([.field("a", "b")])] {
            let before = posts.value
            _ = try await client.execute(.test("GET", server.url))
            await #expect(throws: HTTPError.interrupted(bytesReceived: 0)) {
                try await client.execute(.test("POST", server.url, body: body))
            }
            #expect(posts.value == before + 1)
        }
    }

    @Test func `a GET lost on a kept connection is sent again`() async throws {
        let gets = Counter()
        let server = try LoopbackServer { connection in
            while connection.readRequest() != nil {
                if gets.add() == 2 { return }
                connection.respond(body: "ok")
            }
        }
        _ = try await client.execute(.test("GET", server.url))
        let response = try await client.execute(.test("GET", server.url))
        #expect(response.text == "ok")
        #expect(gets.value == 3)
        #expect(server.connectionCount == 2)
    }

    @Test func `a body that may be sent twice is sent again from its beginning`() async throws {
        let puts = Counter()
        let server = try LoopbackServer { connection in
            while let request = connection.readRequest() {
                if request.method == "PUT", puts.add() == 1 { return }
                connection.respond(body: request.text)
            }
        }
        _ = try await client.execute(.test("GET", server.url))
        let response = try await client.execute(.test("PUT", server.url, body: .text("whole")))
        #expect(response.text == "whole")
        #expect(puts.value == 2)
    }

    @Test func `cancelling the task closes the connection`() async throws {
        let (arrived, closed) = (Signal(), Signal())
        let server = try LoopbackServer { connection in
            _ = connection.readRequest()
            arrived.fire()
            connection.waitForClose()
            closed.fire()
        }
        let task = Task { try await client.execute(.test("GET", server.url)) }
        await arrived.wait()
        task.cancel()
        await closed.wait()
        await #expect(throws: HTTPError.cancelled) { try await task.value }
    }

    @Test func `a task that is cancelled already sends nothing`() async throws {
        let server = try LoopbackServer { _ = $0.readRequest() }
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await client.execute(.test("GET", server.url))
        }
        await #expect(throws: HTTPError.cancelled) { try await task.value }
        #expect(server.connectionCount == 0)
    }

    @Test func `shutting down cancels what runs and refuses what comes`() async throws {
        let arrived = Signal()
        let server = try LoopbackServer { connection in
            _ = connection.readRequest()
            arrived.fire()
            connection.waitForClose()
        }
        let task = Task { try await client.execute(.test("GET", server.url)) }
        await arrived.wait()
        await client.shutdown()
        await #expect(throws: HTTPError.cancelled) { try await task.value }
        await #expect(throws: HTTPError.closed) { try await client.execute(.test("GET", server.url)) }
        await client.shutdown()
    }
}
