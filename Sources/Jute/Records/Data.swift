// Records of the `data` module of zookeeper.jute: identities, access control lists and Stat.

/// Who: a scheme and an id within it.
package struct Id: JuteRecord, Hashable {
    package var scheme: UString
    package var id: UString

    package init(scheme: UString, id: UString) {
        self.scheme = scheme
        self.id = id
    }

    @_lifetime(decoder: copy decoder)
    package init(from decoder: inout JuteDecoder) throws(JuteError) {
        scheme = try decoder.readString()
        id = try decoder.readString()
    }

    package func encode(into encoder: inout JuteEncoder) {
        encoder.write(scheme)
        encoder.write(id)
    }
}

/// One entry of an access control list. `perms` is a set of `Permission` bits.
package struct ACL: JuteRecord, Hashable {
    package var perms: Int32
    package var id: Id

    package init(perms: Int32, id: Id) {
        self.perms = perms
        self.id = id
    }

    @_lifetime(decoder: copy decoder)
    package init(from decoder: inout JuteDecoder) throws(JuteError) {
        perms = try decoder.readInt32()
        id = try decoder.read(Id.self)
    }

    package func encode(into encoder: inout JuteEncoder) {
        encoder.write(perms)
        encoder.write(id)
    }
}

/// What a client sees of a znode beside its data; 68 bytes.
/// `cversion` and `ephemeralOwner` are translated from the stored values (client protocol, Stat).
package struct Stat: JuteRecord, Hashable {
    package var czxid: Zxid
    package var mzxid: Zxid
    package var ctime: Int64
    package var mtime: Int64
    package var version: Int32
    package var cversion: Int32
    package var aversion: Int32
    package var ephemeralOwner: Int64
    package var dataLength: Int32
    package var numChildren: Int32
    package var pzxid: Zxid

    package init(
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
    package init(from decoder: inout JuteDecoder) throws(JuteError) {
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

    package func encode(into encoder: inout JuteEncoder) {
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
    package static let encodedSize = 68
}

/// A znode's stored numbers as a snapshot holds them; 60 bytes.
/// `cversion` counts the children ever created.
package struct StatPersisted: JuteRecord, Hashable {
    package var czxid: Zxid
    package var mzxid: Zxid
    package var ctime: Int64
    package var mtime: Int64
    package var version: Int32
    package var cversion: Int32
    package var aversion: Int32
    package var ephemeralOwner: Int64
    package var pzxid: Zxid

    package init(
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
    package init(from decoder: inout JuteDecoder) throws(JuteError) {
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

    package func encode(into encoder: inout JuteEncoder) {
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
    package static let encodedSize = 60
}

/// One identity of a connection, as whoAmI shows it.
package struct ClientInfo: JuteRecord, Hashable {
    package var authScheme: UString
    package var user: UString

    package init(authScheme: UString, user: UString) {
        self.authScheme = authScheme
        self.user = user
    }

    @_lifetime(decoder: copy decoder)
    package init(from decoder: inout JuteDecoder) throws(JuteError) {
        authScheme = try decoder.readString()
        user = try decoder.readString()
    }

    package func encode(into encoder: inout JuteEncoder) {
        encoder.write(authScheme)
        encoder.write(user)
    }
}
