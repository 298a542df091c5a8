// Who is told, who stays, who is forgotten; by hand and against an obvious model.

import Jute
import Testing
import Tree

private struct Told: Hashable, Comparable {
    var connection: UInt32
    var event: Int32
    static func < (a: Told, b: Told) -> Bool { (a.event, a.connection) < (b.event, b.connection) }
}

extension WatchTable {
    fileprivate func holds(_ path: UString, _ type: WatcherType, _ connection: UInt32) -> Bool {
        contains(path.bytes.span, type, connection: connection)
    }

    fileprivate func removes(_ path: UString, _ type: WatcherType, _ connection: UInt32) -> Bool {
        remove(path.bytes.span, type, connection: connection)
    }

    fileprivate func add(_ path: UString, _ list: WatchList, _ mode: WatchMode, _ connection: UInt32) {
        add(path.bytes.span, list, mode, connection: connection)
    }

    fileprivate func told(_ change: WatchedChange, _ path: UString) -> [Told] {
        var told: [Told] = []
        trigger(change, path.bytes.span) { told.append(Told(connection: $0, event: $1.rawValue)) }
        return told
    }
}

/// Watches as plain dictionaries.
private struct ModelWatches {
    struct Key: Hashable {
        var path: UString
        var list: WatchList
        var connection: UInt32
    }

    var modes: [Key: WatchMode] = [:]

    mutating func look(
        _ path: UString, _ list: WatchList, _ event: WatchEvent, passingOver: Set<UInt32> = []
    ) -> [Told] {
        var told: Set<UInt32> = []
        for (key, found) in modes where key.list == list {
            if key.path == path {
                told.insert(key.connection)
                let kept = found.subtracting(.standard)
                modes[key] = kept.isEmpty ? nil : kept
            } else if list == .data, found.contains(.recursive), isAncestor(key.path, of: path) {
                told.insert(key.connection)
            }
        }
        return told.subtracting(passingOver).map { Told(connection: $0, event: event.rawValue) }
    }

    private func isAncestor(_ a: UString, of path: UString) -> Bool {
        a == "/" ? path != "/" : path.bytes.starts(with: a.bytes + [0x2f])
    }

    mutating func told(_ change: WatchedChange, _ path: UString) -> [Told] {
        let parent = ZnodePath.parent(of: path) ?? "/"
        switch change {
        case .dataChanged: return look(path, .data, .dataChanged)
        case .created: return look(path, .data, .created) + look(parent, .child, .childrenChanged)
        case .deleted:
            let first = look(path, .data, .deleted)
            let second = look(path, .child, .deleted, passingOver: Set(first.map(\.connection)))
            return first + second + look(parent, .child, .childrenChanged)
        }
    }

    mutating func remove(_ path: UString, _ type: WatcherType, _ connection: UInt32) -> Bool {
        var removed = false
        for list in WatchList.allCases {
            let key = Key(path: path, list: list, connection: connection)
            guard let found = modes[key] else { continue }
            let kept = found.subtracting(type.modes(in: list))
            removed = removed || kept != found
            modes[key] = kept.isEmpty ? nil : kept
        }
        return removed
    }
}

struct WatchTableTests {
    @Test func standardWatchesAreToldOnce() {
        let table = WatchTable()
        table.add("/a", .data, .standard, 3)
        table.add("/a", .data, .standard, 3)
        #expect(table.count == 1)
        #expect(table.told(.dataChanged, "/a") == [Told(connection: 3, event: 3)])
        #expect(table.told(.dataChanged, "/a") == [])
        #expect(table.count == 0 && table.pathCount == 0)
    }

    @Test func deletionReachesEachConnectionOnce() {
        let table = WatchTable()
        table.add("/a/b", .data, .standard, 1)
        table.add("/a/b", .child, .standard, 1)
        table.add("/a/b", .child, .standard, 2)
        table.add("/a", .child, .standard, 1)
        let told = table.told(.deleted, "/a/b")
        #expect(
            told == [
                Told(connection: 1, event: 2), Told(connection: 2, event: 2), Told(connection: 1, event: 4),
            ])
        #expect(table.count == 0)
    }

    @Test func recursiveWatches() {
        let table = WatchTable()
        table.add("/a", .data, .recursive, 1)
        table.add("/", .data, .recursive, 1)
        table.add("/", .data, .recursive, 2)
        func both(_ event: Int32) -> [Told] {
            [Told(connection: 1, event: event), Told(connection: 2, event: event)]
        }
        #expect(table.told(.created, "/a/b/c").sorted() == both(1))
        #expect(table.told(.dataChanged, "/a").sorted() == both(3))
        #expect(table.told(.dataChanged, "/ab").sorted() == both(3))
        #expect(table.told(.dataChanged, "/").count == 2)
        #expect(table.count == 3)
    }

    @Test func modesCoexist() {
        let table = WatchTable()
        table.add("/a", .data, .standard, 1)
        table.add("/a", .data, .persistent, 1)
        #expect(table.told(.dataChanged, "/a").count == 1)
        #expect(!table.holds("/a", .data, 1))
        #expect(table.holds("/a", .persistent, 1))
        #expect(table.told(.dataChanged, "/a").count == 1)
    }

    @Test func removal() {
        let table = WatchTable()
        table.add("/a", .data, [.standard, .persistent], 1)
        table.add("/a", .child, .persistent, 1)
        #expect(table.removes("/a", .children, 1) == false)
        #expect(table.removes("/a", .persistentRecursive, 1) == false)
        #expect(table.removes("/a", .persistent, 1) == true)
        #expect(table.count == 1)
        #expect(table.removes("/a", .any, 2) == false)
        #expect(table.removes("/a", .any, 1) == true)
        #expect(table.removes("/a", .any, 1) == false)
        #expect(table.pathCount == 0)
    }

    @Test func dataPathsOfAConnection() {
        let table = WatchTable()
        table.add("/a", .data, .standard, 1)
        table.add("/b", .data, .persistent, 1)
        table.add("/b", .data, .recursive, 2)
        table.add("/c", .child, .standard, 1)
        func paths(_ connection: UInt32) -> Set<String> {
            var paths: Set<String> = []
            table.forEachDataPath(of: connection) { path in
                paths.insert(path.withUnsafeBytes { String(decoding: $0, as: UTF8.self) })
            }
            return paths
        }
        #expect(paths(1) == ["/a", "/b"])
        #expect(paths(2) == ["/b"] && paths(3) == [])
        table.removeWatches(of: 1)
        #expect(table.dataWatchCount == 1 && table.childWatchCount == 0 && table.pathCount == 1)
    }

    @Test func watchesAreSmall() {
        #expect(WatchTable.entrySize == 24)
        let table = WatchTable()
        for path in 0..<1000 {
            let name = UString("/application/service/\(1_000_000 + path)")
            for watcher in 0..<10 as Range<UInt32> { table.add(name, .data, .standard, watcher * 7 + UInt32(path % 7)) }
        }
        // 24 of its own and a tenth of the path's 12 + 28.
        #expect(table.count == 10_000 && table.bytesInUse == 10_000 * 24 + 1000 * 40)
    }

    /// Far beyond what a chain holds, up and down again.
    @Test func crowdsComeAndGo() {
        let table = WatchTable()
        let all = 0..<3000 as Range<UInt32>
        for connection in all {
            table.add("/crowded", .data, .persistent, connection)
            if connection % 3 == 0 { table.add("/crowded", .child, .standard, connection) }
        }
        for connection in all { table.add("/crowded", .data, .standard, connection) }
        #expect(table.dataWatchCount == 3000 && table.childWatchCount == 1000)
        #expect(table.told(.dataChanged, "/crowded").sorted() == all.map { Told(connection: $0, event: 3) })
        for connection in all where connection % 10 != 4 {
            #expect(table.removes("/crowded", .persistent, connection))
        }
        #expect(table.told(.dataChanged, "/crowded").count == 300)
        #expect(!table.holds("/crowded", .persistent, 5) && table.holds("/crowded", .persistent, 14))
        #expect(table.told(.deleted, "/crowded").count == 1200)
        for connection in all { table.removeWatches(of: connection) }
        #expect(table.count == 0 && table.pathCount == 0 && table.bytesInUse == 0)
    }

    @Test func connectionsAreForgottenInSlices() {
        let table = WatchTable()
        for path in 0..<100 {
            table.add(UString("/\(path)"), .data, .standard, 1)
            table.add(UString("/\(path)"), .child, .standard, 2)
        }
        #expect(table.removeWatches(of: 1, limit: 64) == 64 && table.count(of: 1) == 36)
        #expect(table.removeWatches(of: 1, limit: 64) == 36 && table.count(of: 1) == 0)
        #expect(table.count(of: 2) == 100 && table.pathCount == 100)
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func equalsTheModel(seed: UInt64) { compareWithModel(seed: seed, connections: 12, steps: 6000) }

    /// Enough connections for the lists of ten paths to become crowds and shrink again.
    @Test(arguments: 5...6 as ClosedRange<UInt64>)
    func equalsTheModelInACrowd(seed: UInt64) { compareWithModel(seed: seed, connections: 300, steps: 4000) }

    private func compareWithModel(seed: UInt64, connections: UInt32, steps: Int) {
        var random = SeededGenerator(seed: seed)
        let table = WatchTable()
        var model = ModelWatches()
        let names: [UString] = ["/", "/a", "/b", "/a/x", "/a/y", "/a/x/1", "/a/x/2", "/ab", "/a/x/1/deep", "/b/z"]
        for step in 0..<steps {
            let path = step % 5 == 0 ? UString("/many/\(step % 300)") : names.randomElement(using: &random) ?? "/"
            let connection = UInt32.random(in: 0..<connections, using: &random)
            switch UInt8.random(in: 0..<10, using: &random) {
            case 0...4:
                let list: WatchList = Bool.random(using: &random) ? .data : .child
                let mode: WatchMode =
                    [.standard, .persistent, list == .data ? .recursive : .standard]
                    .randomElement(using: &random) ?? .standard
                table.add(path, list, mode, connection)
                model.modes[.init(path: path, list: list, connection: connection), default: []].formUnion(mode)
            case 5...7:
                let change: WatchedChange =
                    [.created, .deleted, .dataChanged].randomElement(using: &random) ?? .created
                if path == "/", change != .dataChanged { continue }
                #expect(table.told(change, path).sorted() == model.told(change, path).sorted())
            case 8:
                let type = WatcherType(rawValue: .random(in: 1...5, using: &random)) ?? .any
                let held = table.holds(path, type, connection)
                #expect(table.removes(path, type, connection) == held)
                #expect(model.remove(path, type, connection) == held)
            default:
                guard step % 3 == 0 else { continue }
                table.removeWatches(of: connection)
                model.modes = model.modes.filter { $0.key.connection != connection }
            }
            if step % 9 == 0 { compareCounts(table, model) }
        }
        for connection in 0..<connections { table.removeWatches(of: connection) }
        #expect(table.count == 0 && table.pathCount == 0)
    }

    private func compareCounts(_ table: WatchTable, _ model: ModelWatches) {
        let data = model.modes.keys.filter { $0.list == .data }
        #expect(table.dataWatchCount == data.count)
        #expect(table.childWatchCount == model.modes.count - data.count)
        #expect(table.pathCount == Set(model.modes.keys.map(\.path)).count)
    }

    @Test func restoring() {
        let node = (mzxid: 10 as Int64, pzxid: 20 as Int64)
        #expect(RestoredWatch.data.restore(node: nil, relative: 5) == .tell(.deleted))
        #expect(RestoredWatch.data.restore(node: node, relative: 9) == .tell(.dataChanged))
        let data = WatchRestoration.register(.standard, dataList: true, childList: false)
        #expect(RestoredWatch.data.restore(node: node, relative: 10) == data)
        #expect(RestoredWatch.exist.restore(node: nil, relative: 5) == data)
        #expect(RestoredWatch.exist.restore(node: node, relative: 50) == .tell(.created))
        #expect(RestoredWatch.child.restore(node: nil, relative: 5) == .tell(.deleted))
        #expect(RestoredWatch.child.restore(node: node, relative: 19) == .tell(.childrenChanged))
        let child = WatchRestoration.register(.standard, dataList: false, childList: true)
        #expect(RestoredWatch.child.restore(node: node, relative: 20) == child)
        let both = WatchRestoration.register(.persistent, dataList: true, childList: true)
        #expect(RestoredWatch.persistent.restore(node: nil, relative: 5) == both)
        let recursive = WatchRestoration.register(.recursive, dataList: true, childList: false)
        #expect(RestoredWatch.recursive.restore(node: node, relative: 5) == recursive)
    }
}
