// How the client port numbers its connections. Separate because the replica treats these numbers as opaque.
public import Replica

/// From the top: 8 bits worker, 32 bits serial of the slot, 24 bits slot. A slot's serial grows with every connection
/// that uses it, so an answer that comes late finds nobody rather than a stranger.
extension ClientID {
    public static let maximumWorkers = 1 << 8
    public static let maximumSlots = 1 << 24

    public init(worker: Int, serial: UInt32, slot: Int) {
        precondition(worker >= 0 && worker < Self.maximumWorkers, "worker \(worker) of \(Self.maximumWorkers)")
        precondition(slot >= 0 && slot < Self.maximumSlots, "slot \(slot) of \(Self.maximumSlots)")
        self.init(rawValue: UInt64(worker) << 56 | UInt64(serial) << 24 | UInt64(slot))
    }

    public var worker: Int { Int(rawValue >> 56) }
    public var serial: UInt32 { UInt32(truncatingIfNeeded: rawValue >> 24) }
    public var slot: Int { Int(rawValue & 0xff_ffff) }
}
