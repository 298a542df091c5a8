// How many connections there are, and from where. Separate because it is the only count that workers share; it is
// touched when connections come and go, never by a request.
package import Libevent
import Synchronization

/// Admits connections within `Limits.connections` and `Limits.connectionsPerAddress`.
package final class ConnectionCensus: Sendable {
    private struct Counts {
        var total = 0
        var byHost: [SocketAddress: Int] = [:]
    }

    private let counts = Mutex(Counts())
    private let maximum: Int
    private let maximumPerHost: Int

    /// - Parameters: bounds, 0 being none.
    package init(maximum: Int, maximumPerHost: Int) {
        self.maximum = maximum
        self.maximumPerHost = maximumPerHost
    }

    /// False when a bound is reached: close the connection. True must be followed by one `leave`.
    package func enter(_ peer: SocketAddress) -> Bool {
        let host = peer.with(port: 0)
        return counts.withLock { counts in
            if maximum > 0 && counts.total >= maximum { return false }
            let here = counts.byHost[host, default: 0]
            if maximumPerHost > 0 && here >= maximumPerHost { return false }
            counts.total += 1
            counts.byHost[host] = here + 1
            return true
        }
    }

    package func leave(_ peer: SocketAddress) {
        let host = peer.with(port: 0)
        counts.withLock { counts in
            guard let here = counts.byHost[host] else { preconditionFailure("\(peer) left without having entered") }
            counts.total -= 1
            counts.byHost[host] = here > 1 ? here - 1 : nil
        }
    }

    package var count: Int { counts.withLock { $0.total } }
}
