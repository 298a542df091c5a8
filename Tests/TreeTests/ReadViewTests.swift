// What readers get: the bytes of reply bodies, and nothing when there is no room.

import Jute
import Testing
import Tree

@Suite struct ReadViewTests {
    private func body(_ room: Int, _ write: (inout OutputCursor) -> Bool) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0xee, count: room)
        let written: Int? = bytes.withUnsafeMutableBytes { memory in
            var output = OutputCursor(memory)
            return write(&output) ? output.position : nil
        }
        return written.map { Array(bytes.prefix($0)) }
    }

    private func find(_ view: ReadView, _ path: String) -> NodeRef? {
        Array(path.utf8).withUnsafeBytes { bytes in
            let hash = view.hash(of: bytes)
            let node = view.lookup(hash, path: bytes)
            #expect(node == view.lookup(path: bytes))
            return node
        }
    }

    @Test func dataAndStatAreTheWireImage() throws {
        var history = History()
        history.create("/a", [1, 2, 3])
        history.create("/null", nil)
        let view = ReadView(history.tree)
        for path in ["/a", "/null", "/", "", "/zookeeper"] {
            let node = try #require(find(view, path))
            let expected = GetDataResponse(data: history.tree.data(of: node), stat: history.tree.stat(of: node))
                .encoded()
            #expect(view.dataSize(node) == expected.count)
            #expect(body(expected.count) { view.writeData(node, into: &$0) } == expected)
            #expect(body(expected.count - 1) { view.writeData(node, into: &$0) } == nil)
            #expect(body(68) { view.writeStat(node, into: &$0) } == history.tree.stat(of: node).encoded())
        }
        #expect(find(view, "/b") == nil && find(view, "/a/") == nil && find(view, "a") == nil)
        #expect(view.lastProcessedZxid == Zxid(history.zxid))
    }

    /// Every length up to some hundred bytes, and for each a path that differs from the znode's in one byte only: under
    /// the same hash it must not be taken for it.
    @Test func pathsAreComparedToTheLastByte() throws {
        var history = History()
        let alphabet = String(repeating: "abcdefghijklmnopqrstuvwxyz", count: 4)
        let names = (1...100).map { "/" + alphabet.prefix($0) }
        for name in names { history.create(name) }
        let view = ReadView(history.tree)
        for name in names {
            let node = try #require(find(view, name))
            #expect(node.pathString == UString(name))
            for place in name.utf8.indices {
                var bytes = Array(name.utf8)
                let hash = bytes.withUnsafeBytes { view.hash(of: $0) }
                bytes[name.utf8.distance(from: name.startIndex, to: place)] ^= 1
                bytes.withUnsafeBytes { bytes in
                    #expect(view.lookup(hash, path: bytes) == nil)
                    #expect(view.hash(of: bytes) != hash)
                }
            }
        }
    }

    @Test func childrenFitTheirSize() throws {
        var history = History()
        for path in ["/a", "/a/b", "/a/longer", "/a/b/c", "/d"] { history.create(path) }
        let view = ReadView(history.tree)
        for (path, names) in [("/", ["a", "d", "zookeeper"]), ("/a", ["b", "longer"]), ("/d", [])]
            as [(String, [UString])]
        {
            let node = try #require(find(view, path))
            let size = view.childrenSize(node)
            let list = try #require(body(size) { view.writeChildren(node, into: &$0) })
            #expect(list.count == size)
            #expect(Set(try GetChildrenResponse(decoding: list).children ?? []) == Set(names))
            let both = try #require(body(view.children2Size(node)) { view.writeChildren2(node, into: &$0) })
            #expect(both == list + history.tree.stat(of: node).encoded())
            #expect(body(both.count - 1) { view.writeChildren2(node, into: &$0) } == nil)
        }
        #expect(view.descendantCount(of: try #require(find(view, "/a"))) == 3)
        #expect(view.descendantCount(of: try #require(find(view, "/"))) == 8)
        #expect(view.descendantCount(of: try #require(find(view, "/d"))) == 0)
    }

    @Test func digestIdsAreMasked() throws {
        var history = History()
        history.create("/a", [], bobACL + readACL)
        let view = ReadView(history.tree)
        let node = try #require(find(view, "/a"))
        #expect(!node.isOpen && view.isReadableByAll(node))
        let plain = try GetACLResponse(decoding: view.aclBody(node, masked: false))
        #expect(plain.acl == bobACL + readACL)
        let masked = try GetACLResponse(decoding: view.aclBody(node, masked: true))
        #expect(masked.acl?.first?.id == Id(scheme: "digest", id: "bob:x"))
        #expect(masked.acl?.last == readACL.first)
        #expect(body(500) { view.writeACL(node, masked: true, into: &$0) } == view.aclBody(node, masked: true))
    }

    @Test func ephemeralsByPrefix() {
        var history = History()
        history.create("/a")
        for path in ["/a/1", "/a/2", "/ab"] { history.create(path, ephemeral: true) }
        let view = ReadView(history.tree)
        let session = SessionID(0x100)
        for all in [.null, "", "  ", "/"] as [UString] { #expect(view.ephemerals(of: session, prefix: all).count == 3) }
        #expect(view.ephemerals(of: session, prefix: "/a/") == ["/a/1", "/a/2"])
        #expect(view.ephemerals(of: session, prefix: "/a").count == 3)
        #expect(view.ephemerals(of: SessionID(1), prefix: .null).isEmpty)
    }
}
