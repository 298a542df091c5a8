// Reads only: the load a coordination server sees most.
import Jute

/// Every session keeps reading znodes of one distribution.
struct ReadLoad: Workload {
    enum Kind: Sendable { case get, exists, children }

    private let keys: Keyspace
    private let kind: Kind
    private var chooser: KeyChooser

    init(kind: Kind, keys: Keyspace, chooser: KeyChooser) {
        self.kind = kind
        self.keys = keys
        self.chooser = chooser
    }

    @inline(__always) mutating func ask(
        session: Int, xid: Int32, nowNs: Int64, into writer: inout RequestWriter
    ) -> Asked? {
        let znode = chooser.next()
        switch kind {
        case .get:
            writer.read(.getData, znode, watch: false, xid: xid, keys)
            return Asked(.getData, znode)
        case .exists:
            writer.read(.exists, znode, watch: false, xid: xid, keys)
            return Asked(.exists, znode)
        case .children:
            let group = znode / KeyspaceShape.groupSize
            writer.children(group, xid: xid, keys)
            return Asked(.getChildren, group)
        }
    }
}
