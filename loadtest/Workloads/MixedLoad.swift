// Reads and writes in one session, where a read has to wait for the write before it.
import Jute

/// Every session reads and writes znodes of one distribution in a fixed proportion.
struct MixedLoad: Workload {
    private let keys: Keyspace
    private var chooser: KeyChooser
    /// Of 1000 requests, how many are reads.
    private let readPermille: Int

    /// - Parameter readPercent: 0 ... 100
    init(keys: Keyspace, chooser: KeyChooser, readPercent: Double) {
        self.keys = keys
        self.chooser = chooser
        readPermille = Int(readPercent * 10 + 0.5)
    }

    @inline(__always) mutating func ask(
        session: Int, xid: Int32, nowNs: Int64, into writer: inout RequestWriter
    ) -> Asked? {
        let znode = chooser.next()
        if chooser.choose(below: 1000) < readPermille {
            writer.read(.getData, znode, watch: false, xid: xid, keys)
            return Asked(.getData, znode)
        }
        writer.set(znode, xid: xid, keys)
        return Asked(.setData, znode)
    }
}
