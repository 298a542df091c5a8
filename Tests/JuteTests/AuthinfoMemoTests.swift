// Packets decoded one after the other, identities remembered, against each decoded alone.

import Jute
import Testing

@Suite struct AuthinfoMemoTests {
    private func packet(_ authinfo: [Id]?) -> QuorumPacket {
        QuorumPacket(.request, zxid: .none, data: [1, 2, 3], authinfo: authinfo)
    }

    private func decode(_ bytes: [UInt8], _ memo: inout AuthinfoMemo) throws(JuteError) -> QuorumPacket {
        var decoder = JuteDecoder(bytes.span)
        let packet = try QuorumPacket(from: &decoder, memo: &memo)
        let rest = decoder.remaining
        #expect(rest == 0)
        return packet
    }

    @Test func eachComesOutAsItWentIn() throws {
        let one = Id(scheme: "ip", id: "127.0.0.1")
        let other = Id(scheme: "ip", id: "127.0.0.2")
        let long = Id(scheme: "digest", id: UString(bytes: [UInt8](repeating: 7, count: 5000)))
        let lists: [[Id]?] = [
            nil, nil, [], [one], [one], [one, other], [one], [other, one], [long], [long], [one],
            [Id(scheme: .null, id: "")], [Id(scheme: "", id: .null)], nil, [one],
        ]
        var memo = AuthinfoMemo()
        for list in lists { #expect(try decode(packet(list).encoded(), &memo) == packet(list)) }
    }

    @Test func whatIsCutOffIsRefused() throws {
        let whole = packet([Id(scheme: "ip", id: "127.0.0.1")]).encoded()
        var memo = AuthinfoMemo()
        _ = try decode(whole, &memo)
        for count in 0..<whole.count {
            #expect(throws: JuteError.self) { _ = try decode(Array(whole[..<count]), &memo) }
        }
        #expect(try decode(whole, &memo) == packet([Id(scheme: "ip", id: "127.0.0.1")]))
    }
}
