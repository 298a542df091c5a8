// What a measurement needs to know of whoever is measured.

/// One server under test with whatever it needs around it. Started servers end with ``stop()``.
protocol Contestant: AnyObject {
    var software: Software { get }
    /// Where the load goes: `host:port`, several joined by commas.
    var address: String { get }
    /// The servers under test: whose processor time a line asks for.
    var measuredPIDs: [Int32] { get }
    /// Those and the ones behind them.
    var allPIDs: [Int32] { get }
    /// Brings the znodes of this shape into being. Cheap when they are there already.
    func prepare(_ shape: KeyspaceShape) throws
    /// Ends the servers under test and starts them anew, with what they have on disk.
    func restart() throws
    func stop()
}
