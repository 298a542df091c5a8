// How many connections there are, and from where. Separate because it is the only count that workers share; it is
// touched when connections come and go, never by a request.
public import Libevent
import Synchronization

/// Admits connections within `Limits.connections` and `Limits.connectionsPerAddress`.
public final class ConnectionCensus: Sendable {
    private struct Counts {
        var total = 0
        /// Kept only where it is bounded.
        var byHost: [SocketAddress: Int] = [:]

        mutating func add(_ host: SocketAddress, maximum: Int) -> Bool {
            guard let place = byHost.index(forKey: host) else {
                byHost[host] = 1
                return true
            }
            guard byHost.values[place] < maximum else { return false }
            byHost.values[place] += 1
            return true
        }

        mutating func remove(_ host: SocketAddress) {
            guard let place = byHost.index(forKey: host) else {
                preconditionFailure("\(host) left without having entered")
            }
            byHost.values[place] -= 1
            if byHost.values[place] == 0 { byHost.remove(at: place) }
        }
    }

    private let counts = Guarded(Counts())
    private let maximum: Int
    private let maximumPerHost: Int

    /// - Parameters: bounds, 0 being none.
    public init(maximum: Int, maximumPerHost: Int) {
        self.maximum = maximum
        self.maximumPerHost = maximumPerHost
    }

    /// False when a bound is reached: close the connection. True must be followed by one `leave`.
    public func enter(_ peer: SocketAddress) -> Bool {
        counts.withLock { counts in
            if maximum > 0 && counts.total >= maximum { return false }
            if maximumPerHost > 0 && !counts.add(peer.with(port: 0), maximum: maximumPerHost) { return false }
            counts.total += 1
            return true
        }
    }

    public func leave(_ peer: SocketAddress) {
        counts.withLock { counts in
            precondition(counts.total > 0, "\(peer) left without having entered")
            counts.total -= 1
            if maximumPerHost > 0 { counts.remove(peer.with(port: 0)) }
        }
    }

    public var count: Int { counts.withLock { $0.total } }
}
