// What the replica loop is given at the start: settings and addresses, already read and checked.

import Jute
import Libevent
import Logging
import Replica
import ReplicaStore

struct ReplicaPlan: Sendable {
    var configuration: ReplicaConfiguration
    /// As read, for reports.
    var server: ServerConfiguration
    var quorumHost: String?
    var quorumPort: UInt16
    var quorumAddresses: [ServerID: HostPort]
    /// nil where this server is its own ensemble: no port of the ensemble is opened.
    var election: ElectionPlan?
    var limits: QuorumLimits
    /// How a tree that a leader sends is made.
    var making: TreeMaking
    var resolver: Resolver
    var log: Logger

    func quorumAddress(of server: ServerID) -> HostPort? { quorumAddresses[server] }
}

/// A host, as configured, and a port.
struct HostPort: Hashable, Sendable, CustomStringConvertible {
    var host: String
    var port: UInt16
    var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
