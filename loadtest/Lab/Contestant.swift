// What a measurement needs to know of whoever is measured.

/// One server under test with whatever it needs around it. Started servers end with ``stop()``.
protocol Contestant: AnyObject {
    var software: Software { get }
    /// Where the load goes, `host:port`.
    var address: String { get }
    /// The server that answers there.
    var pid: Int32 { get }
    /// That server and those behind it.
    var allPIDs: [Int32] { get }
    /// Brings the znodes of this shape into being. Cheap when they are there already.
    func prepare(_ shape: KeyspaceShape) throws
    /// Ends the server under test and starts it anew, with what it has on disk.
    func restart() throws
    func stop()
}
