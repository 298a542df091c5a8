// What a reply header's `err` may say.

/// Error codes of the client protocol (ZooKeeper, `KeeperException.Code`). Only codes that travel are listed.
package struct ErrorCode: RawRepresentable, Error, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: Int32
    @inlinable package init(rawValue: Int32) { self.rawValue = rawValue }
    @inlinable package init(_ rawValue: Int32) { self.rawValue = rawValue }

    package static let ok = ErrorCode(0)
    package static let runtimeInconsistency = ErrorCode(-2)
    package static let marshallingError = ErrorCode(-5)
    package static let unimplemented = ErrorCode(-6)
    package static let badArguments = ErrorCode(-8)
    package static let newConfigNoQuorum = ErrorCode(-13)
    package static let reconfigInProgress = ErrorCode(-14)
    package static let noNode = ErrorCode(-101)
    package static let noAuth = ErrorCode(-102)
    package static let badVersion = ErrorCode(-103)
    package static let noChildrenForEphemerals = ErrorCode(-108)
    package static let nodeExists = ErrorCode(-110)
    package static let notEmpty = ErrorCode(-111)
    package static let sessionExpired = ErrorCode(-112)
    package static let invalidACL = ErrorCode(-114)
    package static let authFailed = ErrorCode(-115)
    /// Travels only between servers: the client's connection is closed instead.
    package static let sessionMoved = ErrorCode(-118)
    package static let notReadOnly = ErrorCode(-119)
    package static let ephemeralOnLocalSession = ErrorCode(-120)
    package static let noWatcher = ErrorCode(-121)
    package static let reconfigDisabled = ErrorCode(-123)
    package static let sessionClosedRequireSaslAuth = ErrorCode(-124)
    package static let quotaExceeded = ErrorCode(-125)
    package static let throttledOp = ErrorCode(-127)

    package var description: String { String(rawValue) }
}
