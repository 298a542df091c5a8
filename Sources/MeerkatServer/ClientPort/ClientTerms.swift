// What every client worker is told before it starts. Separate from the configuration file's settings, so that tests
// can make one by hand.
package import Logging
package import Tree

/// On what terms clients are served. A value, the same for all workers of a server.
package struct ClientTerms: Sendable {
    package var limits = Limits()
    package var tickTimeMs: Int64 = 3000
    package var sessionTimeouts = SessionTimeouts(minimum: 6000, maximum: 60_000)
    /// How long a connection may take to name its session.
    package var handshakeTimeoutMs: Int64 = 10_000
    package var rules = ACLRules()
    package var words = FourLetterWhitelist("")
    package var tcpKeepAlive = false
    /// For lines about refused clients; none are written without.
    package var log: Logger?

    package init() {}

    /// - Parameter rules: the ones the leader's preparer uses.
    package init(_ configuration: ServerConfiguration, rules: ACLRules, log: Logger? = nil) {
        self.log = log
        limits = Limits(configuration)
        tickTimeMs = Int64(configuration.quorum.tickTimeMs)
        sessionTimeouts = SessionTimeouts(
            minimum: Int32(clamping: configuration.minSessionTimeoutMs),
            maximum: Int32(clamping: configuration.maxSessionTimeoutMs))
        handshakeTimeoutMs = Int64(configuration.clientPort.sessionlessTimeoutMs)
        self.rules = rules
        words = FourLetterWhitelist(configuration.clientPort.fourLetterWords)
        tcpKeepAlive = configuration.clientPort.tcpKeepAlive
    }
}
