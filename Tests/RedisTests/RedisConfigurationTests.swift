import Redis
import Testing

@Suite struct RedisConfigurationTests {
    @Test(arguments: [
        ("redis://localhost", RedisConfiguration.Address.tcp(host: "localhost", port: 6379), 0),
        ("redis://localhost:6380/2", .tcp(host: "localhost", port: 6380), 2),
        ("redis://localhost:6380/?db=4", .tcp(host: "localhost", port: 6380), 4),
        ("REDIS://[::1]:6380", .tcp(host: "::1", port: 6380), 0),
        ("redis://[::1]", .tcp(host: "::1", port: 6379), 0),
        ("redis://user:pass@redis.example/1", .tcp(host: "redis.example", port: 6379), 1),
        ("unix:///run/redis.sock", .unixSocket(path: "/run/redis.sock"), 0),
        ("unix:///run/my%20redis.sock?db=3", .unixSocket(path: "/run/my redis.sock"), 3),
        ("redis+unix:///run/redis.sock", .unixSocket(path: "/run/redis.sock"), 0),
    ])
    func `an address is understood`(
        uri: String, address: RedisConfiguration.Address, database: Int
    ) throws {
        let configuration = try RedisConfiguration(uri: uri)
        #expect(configuration.address == address)
        #expect(configuration.database == database)
    }

    @Test(arguments: [
        ("", "redis://"), ("localhost:6379", "redis://"), ("http://localhost", "redis://"),
        ("rediss://localhost", "TLS"), ("redis://", "host"), ("redis://:6379", "host"),
        ("redis://localhost:99999", "65535"), ("redis://localhost:0", "65535"),
        ("redis://localhost:x", "65535"),
        ("redis://localhost/x", "database"), ("redis://localhost/-1", "database"),
        ("redis://localhost?db=x", "database"), ("redis://localhost?tls=1", "db=number"),
        ("redis://::1", "brackets"), ("redis://[::1", "closing"),
        ("redis://user@localhost", "user:password@"),
        ("redis://u:@localhost", "password"), ("redis://u:100%@localhost", "%25"), ("redis://u:p#x@h", "%23"),
        ("unix://run/redis.sock", "absolute"), ("unix:///" + String(repeating: "x", count: 120), "107"),
    ])
    func `a wrong address is refused with the mend`(uri: String, mend: String) {
        let error = #expect(throws: RedisError.self) { try RedisConfiguration(uri: uri) }
        guard case .invalidConfiguration(let reason) = error else {
            Issue.record("unexpected \(String(describing: error))")
            return
        }
        #expect(reason.contains(mend))
        #expect(error?.isTransient == false)
    }

    @Test(arguments: ["hunter2", "hun/ter2", "hun?ter2", "hun#ter2", "hun@ter2", "hun:ter2", "hunter2%"])
    func `no message shows the password`(password: String) {
        do throws(RedisError) {
            let configuration = try RedisConfiguration(uri: "redis://user:\(password)@localhost:6379/0")
            var dumped = ""
            dump(configuration, to: &dumped)
            for text in ["\(configuration)", "\([configuration])", String(reflecting: configuration), dumped]
            {
                #expect(!text.contains("ter2"))
            }
        } catch {
            #expect(!"\(error)".contains("ter2"))
        }
    }
}
