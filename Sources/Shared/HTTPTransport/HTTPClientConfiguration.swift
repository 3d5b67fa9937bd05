import Foundation

/// Settings of an ``HTTPClient``.
package struct HTTPClientConfiguration: Sendable {
    package enum Version: Sendable {
        /// HTTP/2 where TLS negotiates it, HTTP/1.1 otherwise.
        case automatic
        case http1Only
        /// HTTP/2 without negotiation, for a cleartext server known to speak it.
        case http2PriorKnowledge
    }

    /// Sent as `User-Agent` unless the request brings its own.
    package var userAgent: String
    package var version: Version
    /// Requests beyond this many connections to one host wait in the order they came.
    package var maximumConnectionsPerHost: Int
    /// The same for all hosts together.
    package var maximumConnections: Int
    /// Idle connections older than this are not used again. Below the 60 s after which many balancers close.
    package var maximumIdleTime: Duration
    /// How long a resolved name is believed.
    package var dnsCacheTime: Duration
    /// How long sent data may stay unacknowledged before the kernel declares the connection dead. Without it a
    /// silently dropped HTTP/2 connection would swallow every request multiplexed onto it.
    package var unacknowledgedDataTimeout: Duration
    /// PEM file with the trusted authorities; nil for the system's. Read by default from `SSL_CERT_FILE`.
    package var certificateBundlePath: String?
    /// Proxy URL. Never taken from the environment.
    package var proxy: String?
    /// Received bytes a streaming reader may leave unread before the transfer is paused.
    package var streamBufferBytes: Int

    package init(
        userAgent: String = "SpeechCoach", version: Version = .automatic, maximumConnectionsPerHost: Int = 32,
        maximumConnections: Int = 256, maximumIdleTime: Duration = .seconds(55),
        dnsCacheTime: Duration = .seconds(60), unacknowledgedDataTimeout: Duration = .seconds(10),
        certificateBundlePath: String? = ProcessInfo.processInfo.environment["SSL_CERT_FILE"],
        proxy: String? = nil, streamBufferBytes: Int = 256 << 10
    ) {
        self.userAgent = userAgent
        self.version = version
        self.maximumConnectionsPerHost = maximumConnectionsPerHost
        self.maximumConnections = maximumConnections
        self.maximumIdleTime = maximumIdleTime
        self.dnsCacheTime = dnsCacheTime
        self.unacknowledgedDataTimeout = unacknowledgedDataTimeout
        self.certificateBundlePath = certificateBundlePath
        self.proxy = proxy
        self.streamBufferBytes = streamBufferBytes
    }
}
