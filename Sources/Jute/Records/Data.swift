// Records of the `data` module of zookeeper.jute: identities, access control lists and Stat.

/// Who: a scheme and an id within it.
public struct Id: JuteRecord, Hashable {
    public var scheme: UString
    public var id: UString

    public init(scheme: UString, id: UString) {
        self.scheme = scheme
        self.id = id
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        scheme = try decoder.readString()
        id = try decoder.readString()
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.write(scheme)
        encoder.write(id)
    }
}

/// One entry of an access control list. `perms` is a set of `Permission` bits.
public struct ACL: JuteRecord, Hashable {
    public var perms: Int32
    public var id: Id

    public init(perms: Int32, id: Id) {
        self.perms = perms
        self.id = id
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        perms = try decoder.readInt32()
        id = try decoder.read(Id.self)
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.write(perms)
        encoder.write(id)
    }
}

/// What a client sees of a znode beside its data; 68 bytes.
/// `cversion` and `ephemeralOwner` are translated from the stored values (client protocol, Stat).
public struct Stat: JuteRecord, Hashable {
    public var czxid: Zxid
    public var mzxid: Zxid
    public var ctime: Int64
    public var mtime: Int64
    public var version: Int32
    public var cversion: Int32
    public var aversion: Int32
    public var ephemeralOwner: Int64
    public var dataLength: Int32
    public var numChildren: Int32
    public var pzxid: Zxid

    public init(
        czxid: Zxid, mzxid: Zxid, ctime: Int64, mtime: Int64, version: Int32, cversion: Int32, aversion: Int32,
        ephemeralOwner: Int64, dataLength: Int32, numChildren: Int32, pzxid: Zxid
    ) {
        self.czxid = czxid
        self.mzxid = mzxid
        self.ctime = ctime
        self.mtime = mtime
        self.version = version
        self.cversion = cversion
        self.aversion = aversion
        self.ephemeralOwner = ephemeralOwner
        self.dataLength = dataLength
        self.numChildren = numChildren
        self.pzxid = pzxid
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        czxid = Zxid(try decoder.readInt64())
        mzxid = Zxid(try decoder.readInt64())
        ctime = try decoder.readInt64()
        mtime = try decoder.readInt64()
        version = try decoder.readInt32()
        cversion = try decoder.readInt32()
        aversion = try decoder.readInt32()
        ephemeralOwner = try decoder.readInt64()
        dataLength = try decoder.readInt32()
        numChildren = try decoder.readInt32()
        pzxid = Zxid(try decoder.readInt64())
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.write(czxid.rawValue)
        encoder.write(mzxid.rawValue)
        encoder.write(ctime)
        encoder.write(mtime)
        encoder.write(version)
        encoder.write(cversion)
        encoder.write(aversion)
        encoder.write(ephemeralOwner)
        encoder.write(dataLength)
        encoder.write(numChildren)
        encoder.write(pzxid.rawValue)
    }

    /// Bytes on the wire.
    public static let encodedSize = 68
}

/// A znode's stored numbers as a snapshot holds them; 60 bytes.
/// `cversion` counts the children ever created.
public struct StatPersisted: JuteRecord, Hashable {
    public var czxid: Zxid
    public var mzxid: Zxid
    public var ctime: Int64
    public var mtime: Int64
    public var version: Int32
    public var cversion: Int32
    public var aversion: Int32
    public var ephemeralOwner: Int64
    public var pzxid: Zxid

    public init(
        czxid: Zxid, mzxid: Zxid, ctime: Int64, mtime: Int64, version: Int32, cversion: Int32, aversion: Int32,
        ephemeralOwner: Int64, pzxid: Zxid
    ) {
        self.czxid = czxid
        self.mzxid = mzxid
        self.ctime = ctime
        self.mtime = mtime
        self.version = version
        self.cversion = cversion
        self.aversion = aversion
        self.ephemeralOwner = ephemeralOwner
        self.pzxid = pzxid
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        czxid = Zxid(try decoder.readInt64())
        mzxid = Zxid(try decoder.readInt64())
        ctime = try decoder.readInt64()
        mtime = try decoder.readInt64()
        version = try decoder.readInt32()
        cversion = try decoder.readInt32()
        aversion = try decoder.readInt32()
        ephemeralOwner = try decoder.readInt64()
        pzxid = Zxid(try decoder.readInt64())
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.write(czxid.rawValue)
        encoder.write(mzxid.rawValue)
        encoder.write(ctime)
        encoder.write(mtime)
        encoder.write(version)
        encoder.write(cversion)
        encoder.write(aversion)
        encoder.write(ephemeralOwner)
        encoder.write(pzxid.rawValue)
    }

    /// Bytes in a snapshot.
    public static let encodedSize = 60
}

/// One identity of a connection, as whoAmI shows it.
public struct ClientInfo: JuteRecord, Hashable {
    public var authScheme: UString
    public var user: UString

    public init(authScheme: UString, user: UString) {
        self.authScheme = authScheme
        self.user = user
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        authScheme = try decoder.readString()
        user = try decoder.readString()
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.write(authScheme)
        encoder.write(user)
    }
}
