// Runs of plain reads against the one-at-a-time way of answering: the same bytes, and a stop before anything else.

import Jute
import Testing
import Tree

@Suite struct PlainReadsTests {
    private enum Sort: CaseIterable {
        case getData, exists, children, watching, missing, secret, write, malformed, null, flagless
    }

    private let history: History
    private let view: ReadView

    init() {
        var history = History()
        for index in 0..<40 {
            history.create(Self.path(index), index % 7 == 0 ? nil : [UInt8](repeating: 7, count: index))
        }
        history.create("/secret", [1], bobACL)
        self.history = history
        view = ReadView(history.tree)
    }

    /// Of nearly all lengths up to 43 bytes.
    private static func path(_ index: Int) -> String { "/n\(index)" + String(repeating: "x", count: index) }

    private func frame(_ xid: Int32, _ operation: Int32, _ path: String, watch: Bool = false) -> [UInt8] {
        var encoder = JuteEncoder(capacity: 64)
        encoder.write(0 as Int32)
        encoder.write(xid)
        encoder.write(operation)
        encoder.write(UString(path))
        encoder.write(watch)
        encoder.patch(Int32(encoder.count - 4), at: 0)
        return encoder.bytes
    }

    /// A request of some sort, and its reply if it is a plain read.
    private func request(_ sort: Sort, _ xid: Int32, _ random: inout SeededRandom) -> (bytes: [UInt8], reply: [UInt8]?)
    {
        let path = Self.path(random.below(40))
        guard let node = history.tree.node(at: UString(path)) else { preconditionFailure("no \(path)") }
        let stat = history.tree.stat(of: node)
        func reply(_ body: [UInt8]) -> [UInt8] {
            let header = ReplyHeader(xid: Xid(xid), zxid: history.tree.lastProcessedZxid, err: .ok).encoded()
            return Array(JuteEncoder.int32(Int32(header.count + body.count))) + header + body
        }
        switch sort {
        case .getData:
            let data = GetDataResponse(data: history.tree.data(of: node), stat: stat).encoded()
            return (frame(xid, 4, path), reply(data))
        case .exists: return (frame(xid, 3, path), reply(stat.encoded()))
        case .children: return (frame(xid, 8, path), nil)
        case .watching: return (frame(xid, 4, path, watch: true), nil)
        case .missing: return (frame(xid, 4, "/none"), nil)
        case .secret: return (frame(xid, 4, "/secret"), nil)
        case .write: return (frame(xid, 5, path), nil)
        case .malformed: return (frame(xid, 4, path).replacingPathLength(with: Int32.max), nil)
        case .null: return (frame(xid, 4, path).replacingPathLength(with: -1), nil)
        case .flagless: return (frame(xid, 4, path).replacingPathLength(with: Int32(path.utf8.count + 1)), nil)
        }
    }

    /// How far a batch was prepared when it is answered.
    private enum Preparation: CaseIterable { case none, noted, prefetched }

    private func answer(
        _ input: [UInt8], _ preparation: Preparation, requests: Int = 1000, arenaBytes: Int = 1 << 20
    ) -> (PlainReads, [UInt8]) {
        input.withUnsafeBytes { input in
            var hashes = HashedReads()
            var notes = preparation == .none ? 0..<0 : hashes.collect(input, maximum: 1 << 20, view)
            if preparation == .prefetched { hashes.prefetchNodes(view) }
            let all = notes
            var replies = ReplyArena()
            let reads = view.answerPlainReads(
                in: input, from: 0, maximum: 1 << 20, hashes: hashes, notes: &notes,
                zxid: view.lastProcessedZxid, budget: ReadBudget(requests: requests, arenaBytes: arenaBytes),
                into: &replies)
            #expect(notes == (all.isEmpty ? all : min(all.lowerBound + reads.count, all.upperBound)..<all.upperBound))
            return (reads, Array(replies.bytes(0..<replies.count)))
        }
    }

    @Test(arguments: Sort.allCases)
    private func aRunEndsBeforeTheFirstRequestOfAnotherKind(_ stranger: Sort) {
        var random = SeededRandom(seed: 11)
        for length in 0..<30 {
            var input: [UInt8] = []
            var expected: [UInt8] = []
            for xid in 0..<length {
                let (bytes, reply) = request(xid % 3 == 0 ? .exists : .getData, Int32(xid), &random)
                input += bytes
                expected += reply ?? []
            }
            let end = input.count
            let (bytes, reply) = request(stranger, 99, &random)
            input += bytes + [0, 0, 0]
            for preparation in Preparation.allCases {
                let (reads, replies) = answer(input, preparation)
                #expect(reads.count == (reply == nil ? length : length + 1))
                #expect(reads.end == (reply == nil ? end : end + bytes.count))
                #expect(replies == expected + (reply ?? []))
                guard reads.count > 0 else { continue }
                #expect(reads.lastXid == (reply == nil ? Int32(length - 1) : 99))
                let last = reply == nil ? length - 1 : length
                if last < length { #expect(reads.lastOperation == (last % 3 == 0 ? 3 : 4)) }
            }
        }
    }

    /// Two connections in one turn: a write of the first stands where the second has a read.
    @Test func notesOfAnotherInputAreNotTaken() {
        var random = SeededRandom(seed: 9)
        let first = request(.getData, 1, &random).bytes
        let input = first + frame(2, 5, Self.path(1))
        let other = frame(3, 5, String(repeating: "x", count: first.count - 17)) + request(.getData, 4, &random).bytes
        input.withUnsafeBytes { input in
            other.withUnsafeBytes { other in
                var hashes = HashedReads()
                var notes = hashes.collect(input, maximum: 1 << 20, view)
                #expect(hashes.collect(other, maximum: 1 << 20, view).count == 1)
                var replies = ReplyArena()
                let reads = view.answerPlainReads(
                    in: input, from: 0, maximum: 1 << 20, hashes: hashes, notes: &notes,
                    zxid: view.lastProcessedZxid, budget: ReadBudget(requests: 9, arenaBytes: 1 << 20), into: &replies)
                #expect(reads.count == 1 && reads.end == first.count)
            }
        }
    }

    @Test func whatCannotBeNotedAnyMoreIsAnsweredAlone() {
        var random = SeededRandom(seed: 17)
        var input: [UInt8] = []
        var expected: [UInt8] = []
        for xid in 0..<4200 {
            let (bytes, reply) = request(.exists, Int32(xid), &random)
            input += bytes
            expected += reply ?? []
        }
        let (reads, replies) = answer(input, .prefetched, requests: 5000)
        #expect(reads.count == 4200 && replies == expected)
    }

    /// By either of its names.
    @Test(arguments: ["", "/"]) func theRootIsRead(path: String) throws {
        let root = try #require(history.tree.node(at: "/" as UString))
        for preparation in Preparation.allCases {
            let (reads, replies) = answer(frame(1, 3, path), preparation)
            #expect(reads.count == 1)
            #expect(Array(replies.dropFirst(20)) == history.tree.stat(of: root).encoded())
        }
    }

    /// The table grows more than once on the way; meanwhile some of it stands in the old one.
    @Test func aGrowingTreeIsRead() {
        var history = History()
        var random = SeededRandom(seed: 23)
        let view = ReadView(history.tree)
        for count in 1...1500 {
            history.create("/znode-\(count)", [])
            let number = 1 + random.below(count)
            let input = frame(1, 3, "/znode-\(number)") + frame(2, 3, "/znode-\(count)")
            let end = input.withUnsafeBytes { input in
                var hashes = HashedReads()
                var notes = hashes.collect(input, maximum: 1 << 20, view)
                hashes.prefetchNodes(view)
                var replies = ReplyArena()
                return view.answerPlainReads(
                    in: input, from: 0, maximum: 1 << 20, hashes: hashes, notes: &notes, zxid: .zero,
                    budget: ReadBudget(requests: 9, arenaBytes: 1 << 20), into: &replies
                ).end
            }
            #expect(end == input.count, "\(number) of \(count)")
        }
    }

    @Test func theBudgetStopsARun() {
        var random = SeededRandom(seed: 5)
        var input: [UInt8] = []
        var ends: [Int] = []
        for xid in 0..<20 {
            input += request(.getData, Int32(xid), &random).bytes
            ends.append(input.count)
        }
        #expect(answer(input, .noted, requests: 7).0.end == ends[6])
        let (reads, replies) = answer(input, .none, arenaBytes: 300)
        #expect(reads.count > 0 && reads.count < 20 && reads.end == ends[reads.count - 1])
        // The reply that passes the bound is the last.
        #expect(replies.count >= 300)
    }

    @Test func noCutOfTheInputIsMisread() {
        var random = SeededRandom(seed: 3)
        let input = (0..<4).flatMap { request(.getData, $0, &random).bytes }
        let whole = answer(input, .noted)
        for cut in 0...input.count {
            let (reads, replies) = answer(Array(input[..<cut]), .noted)
            #expect(reads.end <= cut && whole.1.starts(with: replies))
        }
    }
}

extension JuteEncoder {
    fileprivate static func int32(_ value: Int32) -> [UInt8] {
        var encoder = JuteEncoder(capacity: 4)
        encoder.write(value)
        return encoder.bytes
    }
}

extension [UInt8] {
    /// The frame with another length of its path.
    fileprivate func replacingPathLength(with length: Int32) -> [UInt8] {
        Array(self[..<12]) + JuteEncoder.int32(length) + self[16...]
    }
}
