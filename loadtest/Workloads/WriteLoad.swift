// Writes only: what the replicated history can take.

/// Every session keeps writing the values of existing znodes, at any version.
struct WriteLoad: Workload {
    private let keys: Keyspace
    private var chooser: KeyChooser

    init(keys: Keyspace, chooser: KeyChooser) {
        self.keys = keys
        self.chooser = chooser
    }

    @inline(__always) mutating func ask(
        session: Int, xid: Int32, nowNs: Int64, into writer: inout RequestWriter
    ) -> Asked? {
        let znode = chooser.next()
        writer.set(znode, xid: xid, keys)
        return Asked(.setData, znode)
    }
}
