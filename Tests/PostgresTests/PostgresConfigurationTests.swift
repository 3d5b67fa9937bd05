import Postgres
import Testing

@Suite struct PostgresConfigurationTests {
    @Test func `a URI with one host keeps its settings and gains the defaults`() throws {
        let configuration = try PostgresConfiguration(
            uri: "postgres://coach:s3cret@db.internal:6432/ledger?sslmode=require",
            connectTimeout: .milliseconds(2500))
        #expect(configuration[keyword: "host"] == "db.internal")
        #expect(configuration[keyword: "port"] == "6432")
        #expect(configuration[keyword: "dbname"] == "ledger")
        #expect(configuration[keyword: "sslmode"] == "require")
        #expect(configuration[keyword: "connect_timeout"] == "3")
        #expect(configuration[keyword: "tcp_user_timeout"] == "10000")
        #expect(configuration[keyword: "client_encoding"] == "UTF8")
        #expect(configuration[keyword: "application_name"] == "speechcoach")
        #expect(configuration[keyword: "target_session_attrs"] == nil)
    }

    @Test func `several hosts ask for the one that accepts writes`() throws {
        let configuration = try PostgresConfiguration(uri: "postgres://coach@a:1,b:2/ledger")
        #expect(configuration[keyword: "host"] == "a,b")
        #expect(configuration[keyword: "target_session_attrs"] == "read-write")
    }

    @Test func `what the URI says wins over the parameters`() throws {
        let configuration = try PostgresConfiguration(
            uri: "host=a,b target_session_attrs=any connect_timeout=9 application_name=x")
        #expect(configuration[keyword: "target_session_attrs"] == "any")
        #expect(configuration[keyword: "connect_timeout"] == "9")
        #expect(configuration[keyword: "application_name"] == "x")
    }

    @Test func `no description shows the password`() throws {
        let configuration = try PostgresConfiguration(uri: "postgres://coach:s3cret@db/ledger")
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in ["\(configuration)", String(reflecting: configuration), dumped] {
            #expect(!text.contains("s3cret"))
            #expect(text.contains("host=db"))
        }
        #expect(configuration[keyword: "password"] == nil)
    }

    @Test(arguments: ["", "postgres://coach:p%zzs3cret@db/ledger", "nonsense", "hots=db password=s3cret"])
    func `an unusable string is refused without being quoted`(uri: String) {
        #expect {
            _ = try PostgresConfiguration(uri: uri)
        } throws: { error in
            guard case .invalidConfiguration(let reason) = error as? PostgresError else { return false }
            return !reason.contains("s3cret")
        }
    }

    @Test func `a pool without connections is refused`() {
        #expect(throws: PostgresError.self) { try PostgresConfiguration(uri: "host=a", poolSize: 0) }
    }
}
