// What preparing a write needs to know of the applied tree. The seam between the two: the preparer never sees how
// nodes are stored, and its tests stand on a dictionary.

public import Jute

/// A node's numbers and list, applied or pending.
public struct NodeState: Equatable, Sendable {
    /// Stored values: `cversion` counts creations, `ephemeralOwner` is untranslated.
    public var stat: StatPersisted
    public var childCount: Int32
    public var dataLength: Int32
    public var acl: [ACL]
    /// The node's share of the tree's digest; 0 for a node that is yet to be made, and where digests are not kept.
    public var digest: UInt64

    public init(stat: StatPersisted, childCount: Int32, dataLength: Int32, acl: [ACL], digest: UInt64 = 0) {
        self.digest = digest
        self.stat = stat
        self.childCount = childCount
        self.dataLength = dataLength
        self.acl = acl
    }
}

/// The tree with everything applied up to `lastProcessedZxid`. The root's path is `/`.
public protocol TreeReader {
    var lastProcessedZxid: Zxid { get }
    /// The sum of node digests, as the tree keeps it.
    var currentDigest: UInt64 { get }
    func nodeState(at path: UString) -> NodeState?
    /// `NodeDigest.prefix` over the node's path and applied data. The node exists.
    func digestPrefix(at path: UString) -> UInt32
    /// Full paths of the session's applied ephemerals.
    func ephemerals(of session: SessionID) -> [UString]
    /// The error of a change below a hard limit: `quotaExceeded`, or `marshallingError` where the limits are
    /// unreadable; nil if the change may happen.
    func quotaError(for path: UString, countDelta: Int64, byteDelta: Int64) -> ErrorCode?
}
