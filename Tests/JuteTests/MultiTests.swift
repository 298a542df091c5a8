// The lists of multi and multiRead: how they end, and what may stand in them.

import Jute
import Testing

@Suite struct MultiTests {
    @Test func emptyListIsItsEnd() throws {
        #expect(MultiRequest(operations: []).encoded() == [0xff, 0xff, 0xff, 0xff, 1, 0xff, 0xff, 0xff, 0xff])
        #expect(try MultiResponse(decoding: MultiRequest(operations: []).encoded()).results.isEmpty)
        // A header that says done ends the list, whatever else it says.
        #expect(try MultiRequest(decoding: [0, 0, 0, 1, 1, 0, 0, 0, 0]).operations.isEmpty)
    }

    @Test func readsAndWritesDoNotMix() {
        let mixed = MultiRequest(operations: [
            .getData(GetDataRequest(path: "/a", watch: false)), .delete(DeleteRequest(path: "/a", version: -1)),
        ])
        #expect(throws: JuteError.unknownValue(OpCode.delete.rawValue)) { try MultiRequest(decoding: mixed.encoded()) }
    }

    @Test func failure() throws {
        let failed = MultiResponse(results: [.error(.ok), .error(.noNode), .error(.runtimeInconsistency)])
        let bytes = failed.encoded()
        #expect(Array(bytes.prefix(13)) == [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0])
        #expect(try MultiResponse(decoding: bytes) == failed)
    }
}
