// One znode's block of memory and what stands where in it. Apart from the store because readers see blocks only
// through this type, and because every offset is written down here and nowhere else.

public import Jute

/// What decides how long a znode lives. Derived from the stored owner.
public enum NodeKind: UInt32, Sendable {
    case persistent = 0
    case ephemeral = 1
    case container = 2
    case ttl = 3

    /// The owner stored for every container (ZooKeeper, `EphemeralType.CONTAINER_EPHEMERAL_OWNER`).
    public static let containerOwner = Int64.min
    /// The top byte of a TTL node's owner.
    public static let ttlMask: Int64 = 0xff << 56
    /// Milliseconds: what fits the 40 bits below.
    public static let maximumTTL: Int64 = (1 << 40) - 1

    /// The kind a stored owner stands for, or nil for a feature nobody has defined. Without `extendedTypes` an owner
    /// that begins with 0xff is an ordinary session.
    public init?(owner: Int64, extendedTypes: Bool) {
        if owner == 0 {
            self = .persistent
        } else if owner == Self.containerOwner {
            self = .container
        } else if extendedTypes, owner & Self.ttlMask == Self.ttlMask {
            if (owner >> 40) & 0xffff != 0 { return nil }
            self = .ttl
        } else {
            self = .ephemeral
        }
    }
}

/// A znode in the store: the address of its block. Trivial to copy; valid until the next write to the tree.
///
/// A block holds, in this order: links to siblings and numbers that clients do not see (16 bytes), the path, then the
/// whole reply body of getData in wire order, so that a read copies one piece of memory. Behind it stand what only
/// parents have (`FamilyLayout`) and, for TTL nodes, the stored owner.
@safe
public struct NodeRef: Equatable {
    let address: UnsafeMutableRawPointer

    init(_ address: UnsafeMutableRawPointer) { unsafe self.address = address }

    public static func == (a: NodeRef, b: NodeRef) -> Bool { unsafe a.address == b.address }
}

/// Byte offsets in a block. Links are counted in units of eight bytes from the start of the store; 0 is none.
enum BlockLayout {
    static let next = 0
    static let previous = 4
    /// Path length in the low 28 bits, `NodeKind` in the next two, `familyFlag` on top.
    static let pathAndKind = 8
    static let aclIndex = 12
    static let path = 16

    static let maximumPathLength = (1 << 28) - 1
    static let familyFlag: UInt32 = 1 << 31
    static let ttlOwnerSize = 8

    static func size(pathLength: Int, dataLength: Int, kind: NodeKind, hasFamily: Bool) -> Int {
        path + pathLength + 4 + dataLength + StatLayout.size + (hasFamily ? FamilyLayout.size : 0)
            + (kind == .ttl ? ttlOwnerSize : 0)
    }
}

/// Byte offsets in what stands behind the Stat of a znode that has or had children. Others do without: their numbers
/// are zero.
enum FamilyLayout {
    static let firstChild = 0
    static let storedCVersion = 4
    /// Sum of the lengths of the children's names, so that the size of a reply is known before it is written.
    /// 64 bits: names may be long, and children many.
    static let nameBytes = 8
    static let size = 16
}

/// Byte offsets in the Stat that clients see.
enum StatLayout {
    static let czxid = 0
    static let mzxid = 8
    static let ctime = 16
    static let mtime = 24
    static let version = 32
    static let cversion = 36
    static let aversion = 40
    static let ephemeralOwner = 44
    static let dataLength = 52
    static let numChildren = 56
    static let pzxid = 60
    /// That of `Stat`; a constant here costs readers no look-up.
    static let size = 68
}

extension NodeRef {
    func field(_ offset: Int) -> UInt32 { unsafe address.load(fromByteOffset: offset, as: UInt32.self) }

    func setField(_ offset: Int, _ value: UInt32) {
        unsafe address.storeBytes(of: value, toByteOffset: offset, as: UInt32.self)
    }

    public var pathLength: Int { Int(field(BlockLayout.pathAndKind) & 0x0fff_ffff) }

    public var kind: NodeKind {
        guard let kind = NodeKind(rawValue: field(BlockLayout.pathAndKind) >> 28 & 7) else {
            preconditionFailure("block of no kind: \(field(BlockLayout.pathAndKind))")
        }
        return kind
    }

    /// Whether the block has room for what only parents have.
    var hasFamily: Bool { field(BlockLayout.pathAndKind) & BlockLayout.familyFlag != 0 }

    /// A number that only parents have; zero for others.
    func familyField(_ offset: Int) -> UInt32 {
        if !hasFamily { return 0 }
        return unsafe address.loadUnaligned(fromByteOffset: statOffset + StatLayout.size + offset, as: UInt32.self)
    }

    func setFamilyField(_ offset: Int, _ value: UInt32) {
        precondition(hasFamily, "a znode without room for children")
        unsafe address.storeBytes(of: value, toByteOffset: statOffset + StatLayout.size + offset, as: UInt32.self)
    }

    /// The path as stored: the root's is empty.
    public var path: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: address + BlockLayout.path, count: pathLength)
    }

    private var bodyOffset: Int { BlockLayout.path + pathLength }

    /// The data's length as written: -1 for null.
    var dataLengthField: Int32 {
        Int32(bigEndian: unsafe address.loadUnaligned(fromByteOffset: bodyOffset, as: Int32.self))
    }

    public var dataLength: Int { max(0, Int(dataLengthField)) }

    /// The body of a reply to getData: length, data, Stat.
    public var dataAndStat: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: address + bodyOffset, count: 4 + dataLength + StatLayout.size)
    }

    /// The data's bytes; empty for null.
    public var data: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: address + bodyOffset + 4, count: dataLength)
    }

    public var dataIsNull: Bool { dataLengthField < 0 }

    /// The 68 bytes of Stat that clients see.
    public var stat: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: address + statOffset, count: StatLayout.size)
    }

    var statOffset: Int { bodyOffset + 4 + dataLength }

    /// Where the access control list stands; -1 is the open one.
    public var aclIndex: Int32 { Int32(bitPattern: field(BlockLayout.aclIndex)) }

    /// True where everybody may do everything.
    public var isOpen: Bool { aclIndex == ACLTable.open }

    public var isEphemeral: Bool { kind == .ephemeral }

    public var childCount: Int { Int(stat32(StatLayout.numChildren)) }

    /// Sum of the lengths of the children's names.
    public var childNameBytes: Int {
        Int(familyField(FamilyLayout.nameBytes)) | Int(familyField(FamilyLayout.nameBytes + 4)) << 32
    }

    func setChildNameBytes(_ count: Int) {
        setFamilyField(FamilyLayout.nameBytes, UInt32(truncatingIfNeeded: count))
        setFamilyField(FamilyLayout.nameBytes + 4, UInt32(truncatingIfNeeded: count >> 32))
    }

    /// Children ever created, modulo 2^32: the number that sequential names are made of.
    public var storedCVersion: Int32 { Int32(bitPattern: familyField(FamilyLayout.storedCVersion)) }

    func stat32(_ offset: Int) -> Int32 {
        Int32(bigEndian: unsafe address.loadUnaligned(fromByteOffset: statOffset + offset, as: Int32.self))
    }

    func stat64(_ offset: Int) -> Int64 {
        Int64(bigEndian: unsafe address.loadUnaligned(fromByteOffset: statOffset + offset, as: Int64.self))
    }

    func setStat32(_ offset: Int, _ value: Int32) {
        unsafe address.storeBytes(of: value.bigEndian, toByteOffset: statOffset + offset, as: Int32.self)
    }

    func setStat64(_ offset: Int, _ value: Int64) {
        unsafe address.storeBytes(of: value.bigEndian, toByteOffset: statOffset + offset, as: Int64.self)
    }

    public var version: Int32 { stat32(StatLayout.version) }
    public var aversion: Int32 { stat32(StatLayout.aversion) }
    public var mzxid: Zxid { Zxid(stat64(StatLayout.mzxid)) }
    public var czxid: Zxid { Zxid(stat64(StatLayout.czxid)) }
    public var pzxid: Zxid { Zxid(stat64(StatLayout.pzxid)) }
    public var mtime: Int64 { stat64(StatLayout.mtime) }

    /// The owner as stored, which clients see only for ordinary ephemerals.
    public var storedOwner: Int64 {
        switch kind {
        case .persistent: 0
        case .ephemeral: stat64(StatLayout.ephemeralOwner)
        case .container: NodeKind.containerOwner
        case .ttl: Int64(bigEndian: unsafe address.loadUnaligned(fromByteOffset: ttlOwnerOffset, as: Int64.self))
        }
    }

    private var ttlOwnerOffset: Int { statOffset + StatLayout.size + (hasFamily ? FamilyLayout.size : 0) }

    func setTTLOwner(_ owner: Int64) {
        precondition(kind == .ttl, "only a TTL node keeps its owner apart, not one of kind \(kind)")
        unsafe address.storeBytes(of: owner.bigEndian, toByteOffset: ttlOwnerOffset, as: Int64.self)
    }

    /// Makes the visible cversion follow the stored one and the number of children.
    func refreshCVersion() {
        setStat32(StatLayout.cversion, 2 &* storedCVersion &- stat32(StatLayout.numChildren))
    }

    var blockSize: Int {
        BlockLayout.size(pathLength: pathLength, dataLength: dataLength, kind: kind, hasFamily: hasFamily)
    }
}
