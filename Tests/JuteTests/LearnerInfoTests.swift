// What older learners leave out of their introduction.

import Jute
import Testing

@Suite struct LearnerInfoTests {
    @Test func olderLearnersSayLess() throws {
        let bytes = LearnerInfo(serverid: ServerID(7), configVersion: 0x1_0000_0000).encoded()
        #expect(bytes.count == 20)
        let second = try LearnerInfo(decoding: Array(bytes.prefix(12)))
        #expect(second.protocolVersion == LearnerInfo.currentVersion && second.configVersion == 0)
        let first = try LearnerInfo(decoding: Array(bytes.prefix(8)))
        #expect(first.serverid == ServerID(7) && first.protocolVersion == 0)
        #expect(throws: JuteError.truncated) { try LearnerInfo(decoding: Array(bytes.prefix(7))) }
    }
}
