// Who has kept whom waiting in a server, by its own account.

/// The longest of each kind since the server's start, in microseconds, from its `mntr`; nil where it does not say.
struct LongestWaits: Encodable {
    /// A reader, for the tree's writer to let go.
    var readerUs: Int?
    /// The writer, for one reader to let go.
    var writerUs: Int?
    /// One batch of commits kept readers out.
    var holdUs: Int?
    /// A slice of an own snapshot held up the replica loop.
    var sliceUs: Int?
    /// The same of a snapshot for a learner.
    var learnerSliceUs: Int?

    init(of member: Member) {
        let figures = member.figures
        readerUs = figures["tree_reader_wait_max_us"]
        writerUs = figures["tree_writer_wait_max_us"]
        holdUs = figures["tree_writer_hold_max_us"]
        sliceUs = figures["snapshot_slice_max_us"]
        learnerSliceUs = figures["learner_snapshot_slice_max_us"]
    }

    static let treeHeader = ["reader waited", "writer waited", "batch held"]
    static let sliceHeader = ["own slice", "learner's slice"]

    var treeCells: [String] { [readerUs, writerUs, holdUs].map(Self.cell) }
    var sliceCells: [String] { [sliceUs, learnerSliceUs].map(Self.cell) }

    private static func cell(_ value: Int?) -> String { value.map(TextTable.grouped) ?? "–" }
}
