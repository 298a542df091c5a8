// Many clients, random requests, two workers: every reply and every event is held against the history.
import Foundation
import Jute
import Libevent
import MeerkatServer
import Replica
import Testing
import Tree

/// The suite runs the first seeds; `HISTORY_SEEDS=N` in the environment runs N, the later ones of any shape.
struct WatchHistoryTests {
    static let seeds = 1...(ProcessInfo.processInfo.environment["HISTORY_SEEDS"].flatMap(UInt64.init) ?? 6)

    @Test(arguments: seeds)
    func everyReplyAndEventFitsTheHistory(_ seed: UInt64) throws {
        var random = SplitMix(state: seed)
        let shape = Shape(seed: seed, using: &random)
        var options = FakeReplica.Options()
        options.workers = shape.workers
        options.delayMs = shape.delayMs
        let server = try TestServer(options) { terms in
            guard shape.isSliced else { return }
            terms.limits.noticeSendsPerTurn = 1
            terms.limits.closesPerTurn = 1
            terms.limits.watchesForgottenPerTurn = 1
            if let bytes = shape.noticeBytes { terms.limits.noticeBytes = bytes }
        }
        var clients: [Watcher] = (0..<shape.clients).map { _ in Watcher(server.session()) }
        var finished: [Watcher] = []
        for _ in 0..<shape.steps {
            let index = Int.random(in: 0..<clients.count, using: &random)
            for _ in 0..<Int.random(in: 1...shape.burst, using: &random) {
                clients[index].sendSomething(using: &random)
            }
            if Int.random(in: 0..<3, using: &random) == 0 {
                clients[Int.random(in: 0..<clients.count, using: &random)].receive(timeoutMs: 0)
            }
            if Int.random(in: 0..<60, using: &random) == 0 {
                let leaving = clients.remove(at: Int.random(in: 0..<clients.count, using: &random))
                leaving.leave()
                finished.append(leaving)
                clients.append(Watcher(server.session()))
            }
        }
        for client in clients { client.finish() }
        let history = History(server.replica.history)
        for client in clients + finished { client.check(history) }
        #expect(clients.contains { $0.eventCount > 0 })
    }

    private struct Shape {
        var workers = 2
        var clients = 8
        var steps = 600
        /// Most requests that a client sends at once.
        var burst = 5
        var delayMs: Int64 = 0
        /// Everything that is done in slices is done one by one.
        var isSliced = false
        /// Beyond so many, notifications all leave at once.
        var noticeBytes: Int?

        init(seed: UInt64, using random: inout SplitMix) {
            if seed == 2 { delayMs = 1 }
            isSliced = seed > 3
            if seed == 5 { noticeBytes = 200 }
            guard seed > 5 else { return }
            workers = Int.random(in: 2...4, using: &random)
            clients = Int.random(in: 2...40, using: &random)
            steps = Int.random(in: 300...1500, using: &random)
            burst = Int.random(in: 1...40, using: &random)
            isSliced = Bool.random(using: &random)
            noticeBytes = [nil, 100, 1000].randomElement(using: &random)!
        }
    }
}

struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
        return z ^ z >> 31
    }
}

/// The plain model: what happened to which path, and when.
private struct History {
    struct Change {
        let zxid: Zxid
        let event: WatchEvent
        let path: UString
        let data: [UInt8]?
    }

    private var changes: [UString: [Change]] = [:]

    init(_ records: [TxnRecord]) {
        for record in records {
            switch record.body {
            case .create(let txn): note(record, .created, txn.path, txn.data)
            case .delete(let txn): note(record, .deleted, txn.path, nil)
            case .setData(let txn): note(record, .dataChanged, txn.path, txn.data)
            case .closeSession(let txn): for path in txn?.paths2Delete ?? [] { note(record, .deleted, path, nil) }
            default: break
            }
        }
    }

    private mutating func note(_ record: TxnRecord, _ event: WatchEvent, _ path: UString, _ data: [UInt8]?) {
        changes[path, default: []].append(Change(zxid: record.zxid, event: event, path: path, data: data))
        guard event != .dataChanged else { return }
        let parent: UString = "/rec"
        changes[parent, default: []].append(
            Change(zxid: record.zxid, event: .childrenChanged, path: parent, data: nil))
    }

    /// The data at `path` as of `zxid`; nil when it did not exist.
    func data(_ path: UString, at zxid: Zxid) -> [UInt8]? {
        let last = changes[path, default: []].last { $0.zxid <= zxid && $0.event != .childrenChanged }
        return last?.event == .deleted ? nil : last?.data
    }

    func children(at zxid: Zxid) -> Set<UString> {
        Set(Watcher.paths.filter { data($0, at: zxid) != nil }.map { UString(bytes: Array($0.bytes.dropFirst(5))) })
    }

    /// What a watch set at `zxid` is told.
    func trigger(_ list: WatchList, _ path: UString, after zxid: Zxid) -> Change? {
        changes[path, default: []].first { change in
            guard change.zxid > zxid else { return false }
            switch change.event {
            case .created, .dataChanged: return list == .data
            case .deleted: return true
            case .childrenChanged: return list == .child
            }
        }
    }
}

/// A client that keeps everything it sent and received.
private final class Watcher {
    static let paths: [UString] = (0..<6).map { UString("/rec/\($0)") }

    private struct Request {
        let xid: Int32
        let opCode: OpCode
        let path: UString
        let watches: Bool
    }

    private struct Watch: Hashable {
        let list: WatchList
        let path: UString
    }

    private let client: RawClient
    private var requests: [Request] = []
    private var received: [(header: ReplyHeader, body: [UInt8])] = []
    private var answered = 0
    private(set) var eventCount = 0

    init(_ client: RawClient) { self.client = client }

    func sendSomething(using random: inout SplitMix) {
        let path = Self.paths[Int.random(in: 0..<Self.paths.count, using: &random)]
        let watches = Bool.random(using: &random)
        let data = [UInt8](repeating: UInt8.random(in: 0...255, using: &random), count: 3)
        switch Int.random(in: 0..<12, using: &random) {
        case 0, 1:
            let flags: Int32 = Int.random(in: 0..<4, using: &random) == 0 ? 1 : 0
            let create = CreateRequest(path: path, data: data, acl: [.openUnsafe], flags: flags)
            send(.create, path, create.encoded())
        case 2: send(.delete, path, DeleteRequest(path: path, version: -1).encoded())
        case 3, 4: send(.setData, path, SetDataRequest(path: path, data: data, version: -1).encoded())
        case 5, 6, 7: send(.getData, path, GetDataRequest(path: path, watch: watches).encoded(), watches)
        case 8, 9: send(.exists, path, ExistsRequest(path: path, watch: watches).encoded(), watches)
        case 10: send(.getChildren, "/rec", GetChildrenRequest(path: "/rec", watch: watches).encoded(), watches)
        default: send(.ping, path, [])
        }
    }

    private func send(_ opCode: OpCode, _ path: UString, _ body: [UInt8], _ watches: Bool = false) {
        let xid = client.request(opCode, body)
        requests.append(Request(xid: opCode == .ping ? -2 : xid, opCode: opCode, path: path, watches: watches))
    }

    func receive(timeoutMs: Int32) {
        while let reply = client.reply(timeoutMs: timeoutMs) {
            received.append((reply.header, reply.body))
            if reply.header.xid != .notification { answered += 1 }
        }
    }

    /// Receives everything up to the answer of a last sync.
    func finish() {
        send(.sync, "/rec", SyncRequest(path: "/rec").encoded())
        while answered < requests.count, let reply = client.reply() {
            received.append((reply.header, reply.body))
            if reply.header.xid != .notification { answered += 1 }
        }
        #expect(answered == requests.count)
    }

    func leave() {
        send(.closeSession, "", [])
        while let reply = client.reply() {
            received.append((reply.header, reply.body))
            if reply.header.xid != .notification { answered += 1 }
        }
        #expect(answered == requests.count)
    }

    // MARK: Checking

    func check(_ history: History) {
        var next = requests.makeIterator()
        var armed: [Watch: Zxid] = [:]
        var seen = Zxid.zero
        for (header, body) in received {
            if header.xid == .notification {
                eventCount += 1
                checkEvent(header, body, &armed, history)
                #expect(header.zxid >= seen, "an event of \(header.zxid) after \(seen)")
                seen = max(seen, header.zxid)
                continue
            }
            guard let request = next.next() else { return #expect(Bool(false), "a reply nobody asked for") }
            #expect(header.xid.rawValue == request.xid, "replies out of order")
            #expect(header.zxid >= seen, "\(request.opCode) at \(header.zxid) after \(seen)")
            seen = max(seen, header.zxid)
            for (watch, since) in armed {
                if let missed = history.trigger(watch.list, watch.path, after: since), missed.zxid <= header.zxid {
                    Issue.record("reply at \(header.zxid) before the event of \(missed.zxid) on \(watch.path)")
                }
            }
            checkReply(request, header, body, &armed, history)
        }
    }

    private func checkEvent(
        _ header: ReplyHeader, _ body: [UInt8], _ armed: inout [Watch: Zxid], _ history: History
    ) {
        guard let event = try? WatcherEvent(decoding: body) else { return #expect(Bool(false), "no event") }
        var isExpected = false
        for list in WatchList.allCases {
            let watch = Watch(list: list, path: event.path)
            guard let since = armed[watch], let due = history.trigger(list, event.path, after: since),
                due.zxid == header.zxid, due.event.rawValue == event.type
            else { continue }
            armed[watch] = nil
            isExpected = true
        }
        #expect(isExpected, "unexpected event \(event.type) on \(event.path) at \(header.zxid)")
    }

    private func checkReply(
        _ request: Request, _ header: ReplyHeader, _ body: [UInt8], _ armed: inout [Watch: Zxid], _ history: History
    ) {
        let expected = history.data(request.path, at: header.zxid)
        switch request.opCode {
        case .getData:
            #expect((try? GetDataResponse(decoding: body).data) == expected)
            #expect(header.err == (expected == nil ? .noNode : .ok))
            if request.watches && header.err == .ok { arm(.data, request, header, &armed) }
        case .exists:
            #expect(header.err == (expected == nil ? .noNode : .ok))
            if request.watches { arm(.data, request, header, &armed) }
        case .getChildren:
            let children = (try? GetChildrenResponse(decoding: body).children) ?? nil
            #expect(Set(children ?? []) == history.children(at: header.zxid))
            if request.watches { arm(.child, request, header, &armed) }
        default: break
        }
    }

    private func arm(_ list: WatchList, _ request: Request, _ header: ReplyHeader, _ armed: inout [Watch: Zxid]) {
        let watch = Watch(list: list, path: request.path)
        if armed[watch] == nil { armed[watch] = header.zxid }
    }
}
