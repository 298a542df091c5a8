// Access control lists, each kept once. A znode holds an index into this table; snapshots hold the list's id.

public import Jute

/// The interned access control lists of one tree, counted by the znodes that use them.
public struct ACLTable {
    /// The index, and the id in snapshots, of the list that lets everybody do everything. It has no entry.
    public static let open: Int32 = -1

    struct Entry {
        let id: Int64
        let acl: [ACL]
        /// False for an id that a snapshot's znode named but its table lacked: replay will say what governs that znode.
        let isResolved: Bool
        /// True if everybody has READ.
        let isReadable: Bool
        var references = 0
    }

    private var entries: [Entry?] = []
    private var vacant: [Int32] = []
    private var indexes: [[ACL]: Int32] = [:]
    private var unresolved: [Int64: Int32] = [:]
    /// Ids only grow, above the largest ever seen.
    private var lastID: Int64 = 0

    public init() {}

    public var count: Int { indexes.count }
    /// Ids that znodes use and no table told of. Must be 0 once replay is done.
    public var unresolvedCount: Int { unresolved.count }

    private static let openList = [ACL.openUnsafe]
    /// Governs a znode whose list is not known yet: nobody may do anything.
    private static let closedList = [ACL(perms: 0, id: .anyone)]

    static func lets(everybodyRead acl: [ACL]) -> Bool {
        acl.isEmpty || acl.contains { $0.perms & Permission.read.rawValue != 0 && $0.id == .anyone }
    }

    /// The list at `index`.
    public subscript(index: Int32) -> [ACL] { index == Self.open ? Self.openList : entry(index).acl }

    func isReadable(_ index: Int32) -> Bool { index == Self.open || entry(index).isReadable }

    /// The id snapshots know the list by.
    func id(_ index: Int32) -> Int64 { index == Self.open ? Int64(Self.open) : entry(index).id }

    private func entry(_ index: Int32) -> Entry {
        guard let entry = entries[Int(index)] else { preconditionFailure("no access control list at \(index)") }
        return entry
    }

    /// The index of `acl`, counted as used once more. Null is the open list.
    mutating func intern(_ acl: [ACL]?) -> Int32 {
        guard let acl, acl != Self.openList else { return Self.open }
        if let index = indexes[acl] {
            retain(index)
            return index
        }
        lastID += 1
        return add(id: lastID, acl, isResolved: true, references: 1)
    }

    private mutating func add(id: Int64, _ acl: [ACL], isResolved: Bool, references: Int) -> Int32 {
        let readable = isResolved && Self.lets(everybodyRead: acl)
        let entry = Entry(id: id, acl: acl, isResolved: isResolved, isReadable: readable, references: references)
        let index: Int32
        if let reused = vacant.popLast() {
            index = reused
            entries[Int(index)] = entry
        } else {
            index = Int32(entries.count)
            entries.append(entry)
        }
        if isResolved { indexes[acl] = index } else { unresolved[id] = index }
        return index
    }

    mutating func retain(_ index: Int32) {
        if index != Self.open { entries[Int(index)]!.references += 1 }
    }

    /// A znode has let go of the list; unused lists are forgotten.
    mutating func release(_ index: Int32) {
        if index == Self.open { return }
        precondition(entry(index).references > 0, "list \(index) released once too often")
        entries[Int(index)]!.references -= 1
        if entry(index).references == 0 { forget(index) }
    }

    private mutating func forget(_ index: Int32) {
        let entry = entry(index)
        if entry.isResolved { indexes[entry.acl] = nil } else { unresolved[entry.id] = nil }
        entries[Int(index)] = nil
        vacant.append(index)
    }

    // MARK: Snapshots

    /// Ids and lists as a snapshot holds them, in the order of ids.
    var persisted: [(id: Int64, acl: [ACL])] {
        entries.compactMap { $0 }.filter { $0.isResolved }.map { ($0.id, $0.acl) }.sorted { $0.0 < $1.0 }
    }

    /// A list read from a snapshot, used by nobody yet. Returns its index; the same list may stand under several ids.
    mutating func load(id: Int64, _ acl: [ACL]) -> Int32 {
        lastID = max(lastID, id)
        if acl == Self.openList { return Self.open }
        return indexes[acl] ?? add(id: id, acl, isResolved: true, references: 0)
    }

    /// Stands in for a list that a snapshot's znode names and its table lacks.
    mutating func loadUnresolved(id: Int64) -> Int32 {
        lastID = max(lastID, id)
        return unresolved[id] ?? add(id: id, Self.closedList, isResolved: false, references: 0)
    }

    /// After loading: forgets the lists no znode uses.
    mutating func purge() {
        for index in entries.indices where entries[index]?.references == 0 { forget(Int32(index)) }
    }

    /// References by index, for checks.
    var references: [Int32: Int] {
        var counts: [Int32: Int] = [:]
        for (index, entry) in entries.enumerated() { if let entry { counts[Int32(index)] = entry.references } }
        return counts
    }
}
