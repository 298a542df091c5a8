// What the replica loop is given at the start: settings and addresses, already read and checked.

import Jute
import Libevent
import Logging
import Replica

struct ReplicaPlan: Sendable {
    var configuration: ReplicaConfiguration
    var quorumHost: String?
    var quorumPort: UInt16
    var quorumAddresses: [ServerID: HostPort]
    var election: ElectionPlan
    var limits: QuorumLimits
    /// Seeds the hashing of every tree made here.
    var treeSeed: UInt64
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
