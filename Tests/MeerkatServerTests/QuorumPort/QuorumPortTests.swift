// Which packets leave a leader when.

import Glibc
import Jute
import Libevent
import Logging
import MeerkatServer
import Replica
import Testing

@Suite struct QuorumPortTests {
    /// A port with learners at the other ends of local pairs. Where a pair keeps the boundaries of sends, one receive
    /// shows what one send carried.
    private final class Rig {
        let loop = EventLoop()
        private(set) var port: QuorumPort!
        private(set) var links: [LearnerLinkID] = []
        private var ends: [Int32] = []
        private(set) var requests = 0

        init(learners: Int) {
            port = QuorumPort(
                loop: loop, host: nil, port: 0, limits: QuorumLimits(), log: Logger(label: "test"),
                feed: { [unowned self] in take($0) })
            for _ in 0..<learners {
                var pair: [Int32] = [0, 0]
                let kind = Int32(SOCK_SEQPACKET.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
                precondition(socketpair(AF_UNIX, kind, 0, &pair) == 0, "no socket pair: errno \(errno)")
                ends.append(pair[1])
                port.accept(pair[0])
            }
        }

        deinit {
            port.close()
            for end in ends { close(end) }
        }

        private func take(_ input: Input) {
            switch input {
            case .learnerConnected(let link): links.append(link)
            case .receivedFromLearner: requests += 1
            default: Issue.record("not expected: \(input)")
            }
        }

        /// Ends a turn as the replica loop does; returns what each learner is sent in it.
        func endTurn(isLingering: Bool) -> [[UInt8]?] {
            port.sendCommits(isLingering: isLingering)
            loop.turn(wait: false)
            return ends.map { receive($0) }
        }

        private func receive(_ end: Int32) -> [UInt8]? {
            var buffer = [UInt8](repeating: 0, count: 4096)
            guard case .bytes(let count) = buffer.withUnsafeMutableBytes({ Socket.receive(end, into: $0) }) else {
                return nil
            }
            return Array(buffer[..<count])
        }

        func ask(_ learner: Int) {
            let bytes = QuorumPacket(.request, zxid: .none, data: []).encoded()
            _ = bytes.withUnsafeBytes { Socket.send(ends[learner], $0) }
            let before = requests
            for _ in 0..<1000 where requests == before { loop.turn() }
        }
    }

    private func commit(_ counter: UInt32) -> QuorumPacket {
        QuorumPacket(.commit, zxid: Zxid(epoch: Epoch(1), counter: counter))
    }
    private let proposal = QuorumPacket(.proposal, zxid: Zxid(epoch: Epoch(1), counter: 9), data: [1, 2, 3])

    @Test func commitsLeaveAtTheEndOfTheTurn() {
        let rig = Rig(learners: 2)
        rig.port.send(commit(1), to: rig.links)
        rig.port.send(commit(2), to: rig.links)
        let expected = commit(1).encoded() + commit(2).encoded()
        #expect(rig.endTurn(isLingering: false) == [expected, expected])
        #expect(rig.endTurn(isLingering: false) == [nil, nil])
    }

    @Test func whileTheLeaderLingersTheyWaitForTheNextProposal() {
        let rig = Rig(learners: 2)
        rig.port.send(commit(1), to: rig.links)
        #expect(rig.endTurn(isLingering: true) == [nil, nil])
        rig.port.send(commit(2), to: rig.links)
        #expect(rig.endTurn(isLingering: true) == [nil, nil])
        rig.port.send(proposal, to: [rig.links[1]])
        let commits = commit(1).encoded() + commit(2).encoded()
        #expect(rig.endTurn(isLingering: true) == [nil, commits + proposal.encoded()])
        #expect(rig.endTurn(isLingering: false) == [commits, nil])
    }

    @Test func whoAsksIsToldAtOnce() {
        let rig = Rig(learners: 2)
        rig.ask(1)
        rig.port.send(commit(1), to: rig.links)
        #expect(rig.endTurn(isLingering: true) == [nil, commit(1).encoded()])
        #expect(rig.endTurn(isLingering: false) == [commit(1).encoded(), nil])
    }

    @Test func aLearnerThatGoesTakesItsCommitsAlong() {
        let rig = Rig(learners: 2)
        rig.port.send(commit(1), to: rig.links)
        #expect(rig.endTurn(isLingering: true) == [nil, nil])
        rig.port.disconnect(rig.links[0], reason: "test")
        #expect(rig.endTurn(isLingering: false) == [nil, commit(1).encoded()])
    }
}
