// The part of loading a tree that needs no tree, and so can be done ahead of it.

import Storage
import Tree

/// Reads a snapshot's stream into batches of entries, checked and hashed.
final class SnapshotReading {
    /// Bytes of a batch, unless one entry is larger: how far the file has been read ahead should not matter.
    private static let batchBytes = 256 << 10

    /// Behind the stream once `next` has said nil.
    private(set) var source: SnapshotSource
    private var parser: SnapshotParser

    init(_ source: SnapshotSource, _ parser: SnapshotParser) {
        self.source = source
        self.parser = parser
    }

    /// The next entries, nil behind the end mark.
    func next() throws(StorageError) -> SnapshotBatch? {
        var batch: SnapshotBatch?
        while batch == nil, !parser.isComplete {
            try source.require(max(parser.needed, 1))
            try source.withBytes(atLeast: 1) { bytes throws(StorageError) in
                batch = try parse(bytes.extracting(0..<min(bytes.count, max(parser.needed, Self.batchBytes))))
                return batch?.count ?? 0
            }
        }
        return batch
    }

    private func parse(_ bytes: Span<UInt8>) throws(StorageError) -> SnapshotBatch? {
        do throws(SnapshotError) { return try parser.batch(bytes) } catch { throw .undecodable("\(error)") }
    }
}

/// Reads ahead, and gets memory ready for what was read.
struct FillingAhead: ReadAhead {
    let given: any ReadAhead
    let memory: MemoryAhead

    func pieces<Piece, Failure>(
        _ make: @escaping () throws(Failure) -> Piece?
    ) -> () throws(Failure) -> Piece? {
        given.pieces { () throws(Failure) -> Piece? in
            memory.advance()
            return try make()
        }
    }
}
