// The contract every record of the protocol keeps.

/// A record of `zookeeper.jute`: its fields one after the other, nothing around them.
public protocol JuteRecord: Sendable {
    @_lifetime(decoder: copy decoder)
    init(from decoder: inout JuteDecoder) throws(JuteError)
    func encode(into encoder: inout JuteEncoder)
}
