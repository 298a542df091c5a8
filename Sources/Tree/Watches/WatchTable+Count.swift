// How much one connection watches: what its bound is measured by.

extension WatchTable {
    /// Entries of one connection, counted by (path, list).
    package func count(of connection: UInt32) -> Int {
        Int(connection) < connections.count ? Int(connections[Int(connection)].count) : 0
    }
}
