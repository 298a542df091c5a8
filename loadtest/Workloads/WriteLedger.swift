// What each writer of a failover run knows of its znode. Separate because it outlives the run: what was acknowledged is
// looked for afterwards.
import Synchronization

/// Writes of one writer, numbered from 1 in the order in which they were sent.
public struct WriteRecord: Sendable, Equatable {
    /// The number sent last.
    public var sent: Int64 = 0
    /// The number acknowledged last.
    public var acknowledged: Int64 = 0
    /// How many were acknowledged.
    public var acknowledgements: Int64 = 0
    /// Under way; after the run, without an answer: made or not.
    public var unanswered: Int64 = 0
    /// Answers that never came, over all connections.
    public var unknown: Int64 = 0

    public init() {}

    public mutating func write() -> Int64 {
        sent += 1
        unanswered += 1
        return sent
    }

    /// The oldest write under way has been made.
    public mutating func wasMade() {
        acknowledged = sent - unanswered + 1
        acknowledgements += 1
        unanswered -= 1
    }

    /// The oldest write under way was answered with an error, which leaves open whether it was made.
    public mutating func wasRefused() {
        unanswered -= 1
        unknown += 1
    }

    public mutating func disconnected() {
        unknown += unanswered
        unanswered = 0
    }

    /// What is wrong with the znode as it is now; nil when everything acknowledged is there.
    ///
    /// - Parameters:
    ///   - value: the number in it.
    ///   - version: how often it was written since it was created.
    public func fault(value: Int64, version: Int64) -> String? {
        if value < acknowledged { return "write \(acknowledged) was acknowledged, but write \(value) is there" }
        if value > sent { return "write \(value) is there, but only \(sent) were sent" }
        guard version >= acknowledgements else {
            return "\(acknowledgements) writes were acknowledged, but \(version) were made"
        }
        guard version <= acknowledgements + unknown + unanswered else {
            return "\(version) writes were made, but \(acknowledgements) were acknowledged"
                + " and \(unknown + unanswered) left unanswered"
        }
        return nil
    }
}

/// The records of all writers, kept by the run and read by the check behind it.
final class WriteLedger: Sendable {
    let records: Mutex<[WriteRecord]>
    /// What the check has found, a sentence each.
    let findings = Mutex<[String]>([])
    /// Of the run.
    let reads = Mutex(Gaps(sessions: 0))
    let writes = Mutex(Gaps(sessions: 0))
    let refused = Atomic<Int>(0)
    /// How often all znodes have been gone through.
    let visits = Atomic<Int>(0)

    init(writers: Int) { records = Mutex(Array(repeating: WriteRecord(), count: writers)) }

    func change<Result: Sendable>(_ writer: Int, _ change: (inout WriteRecord) -> Result) -> Result {
        records.withLock { change(&$0[writer]) }
    }
}
