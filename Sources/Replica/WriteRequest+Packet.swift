// A write as the data of a REQUEST packet.

import Jute
import Tree

extension WriteRequest {
    /// session, cxid, operation, then the client's request record unchanged (ZooKeeper, `Learner.request`).
    func packetData() -> [UInt8] {
        JuteEncoder.bytes { encoder in
            encoder.write(session.rawValue)
            encoder.write(cxid.rawValue)
            encoder.write(opCode)
            encoder.writeRaw(body)
        }
    }

    init(packetData: [UInt8], identities: [Id]) throws(JuteError) {
        var decoder = JuteDecoder(packetData.span)
        let session = SessionID(try decoder.readInt64())
        let cxid = Xid(try decoder.readInt32())
        let opCode = try decoder.readInt32()
        self.init(
            session: session, cxid: cxid, opCode: opCode, body: decoder.readRest(), identities: identities)
    }
}
