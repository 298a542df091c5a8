import Testing
import loadtest

@Suite struct KeyspaceBatchTests {
    @Test(arguments: [(1, 100), (100, 100), (12_345, 0), (1001, 4096), (7, 1_000_000)])
    func everyZnodeIsInOneBatch(znodes: Int, valueBytes: Int) {
        let shape = KeyspaceShape(znodes: znodes, valueBytes: valueBytes)
        #expect((0..<shape.batches).flatMap { shape.batch($0) } == Array(0..<znodes))
    }

    /// A multi must fit into a frame of every server, one create alone excepted.
    @Test(arguments: [0, 100, 1024, 65_536, 1_000_000])
    func aBatchIsFarBelowTheFrameLimit(valueBytes: Int) {
        let batch = KeyspaceShape(znodes: 1_000_000, valueBytes: valueBytes).batch(0)
        #expect(batch.count == 1 || batch.count * (valueBytes + 100) <= 65_536)
        #expect(!batch.isEmpty)
    }
}
