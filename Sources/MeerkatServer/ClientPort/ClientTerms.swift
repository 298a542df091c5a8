// What every client worker is told before it starts. Separate from the configuration file's settings, so that tests
// can make one by hand.
public import Logging
public import Tree

/// On what terms clients are served. A value, the same for all workers of a server.
public struct ClientTerms: Sendable {
    public var limits = Limits()
    public var tickTimeMs: Int64 = 3000
    public var sessionTimeouts = SessionTimeouts(minimum: 6000, maximum: 60_000)
    /// How long a connection may take to name its session.
    public var handshakeTimeoutMs: Int64 = 10_000
    public var rules = ACLRules()
    public var words = FourLetterWhitelist("")
    public var tcpKeepAlive = false
    /// For lines about refused clients; none are written without.
    public var log: Logger?

    public init() {}

    /// - Parameter rules: the ones the leader's preparer uses.
    public init(_ configuration: ServerConfiguration, rules: ACLRules, log: Logger? = nil) {
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
