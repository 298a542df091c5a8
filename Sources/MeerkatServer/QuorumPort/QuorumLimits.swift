// The bounds of the server-to-server connections and of what the replica loop gathers.

/// Every bound of the quorum port and of the replica loop, and what happens at it.
public struct QuorumLimits: Sendable {
    /// The longest data of one packet, in bytes (`jute.maxbuffer` and its extra size). Beyond: the connection is closed.
    public var maximumPacketBytes = 2 * 0xfffff
    /// The most a learner may be behind in bytes not yet sent. Beyond: it is disconnected and synchronises anew.
    public var maximumBacklogBytes = 512 << 20
    /// Connections that have not introduced themselves or are learners. Beyond: new ones are closed on accept.
    public var maximumLearners = 10_000
    /// How much of a snapshot is made at a time, and how much may wait to be sent before more is made.
    public var snapshotSliceBytes = 256 << 10
    /// Attempts to connect to a leader that does not listen yet, and the pause between them, milliseconds.
    public var connectAttempts = 5
    public var connectPauseMs: Int64 = 100
    /// Budget of one connection attempt, milliseconds (`initLimit` or `connectToLearnerMasterLimit`).
    public var connectTimeoutMs: Int64 = 5_000
    /// Requests a leader lets wait for the proposals under way, their bytes, and how long, milliseconds: little beside
    /// the way to servers in another place, which would otherwise be waited for twice. At any bound all of them are
    /// proposed.
    public var waitingRequests = 4096
    public var waitingRequestBytes = 4 << 20
    public var waitingRequestsMs: Int64 = 4
    /// Requests that wait no longer once there are as many as left last: they make a batch of their own, which is prepared
    /// while the one before it is on the disks.
    public var secondBatchRequests = 64
    /// How long the next requests are waited for, nanoseconds, where several came together before. Then those that are
    /// there are proposed.
    public var lingerNs: Int64 = 1_000_000
    /// How often a follower is sent proposals and commits that neither a quorum nor a client of its waits for,
    /// nanoseconds, and how many bytes of them may wait. At either bound they are sent.
    public var spareFollowerPaceNs: Int64 = 10_000_000
    public var spareFollowerBytes = 256 << 10
    /// How many bytes wait for an observer until the INFORMs among them leave before the end of the turn.
    public var informedBytes = 12 << 10
    /// Appends that nobody waits for, gathered between two ticks, and their bytes. At either bound they go to the disk
    /// thread.
    public var gatheredAppends = 1024
    public var gatheredAppendBytes = 4 << 20

    public init() {}
}
