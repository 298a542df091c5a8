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
        private(set) var received = 0
        private(set) var lost: [LearnerLinkID] = []
        private(set) var pacesEnded = 0
        /// The learners that no quorum needs, by place.
        var spare: Set<Int> = []
        /// What the port takes for the time; its timer runs by the true one.
        var nowNs: Int64 = 1

        init(
            learners: Int, spareFollowerPaceNs: Int64 = 1_000_000_000, spareFollowerBytes: Int = .max,
            informedBytes: Int = .max
        ) {
            var limits = QuorumLimits()
            limits.informedBytes = informedBytes
            limits.spareFollowerPaceNs = spareFollowerPaceNs
            limits.spareFollowerBytes = spareFollowerBytes
            port = QuorumPort(
                loop: loop, host: nil, port: 0, limits: limits, log: Logger(label: "test"),
                nowNs: { [unowned self] in nowNs }, paceEnded: { [unowned self] in pacesEnded += 1 },
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
            for end in ends where end >= 0 { close(end) }
        }

        private func take(_ input: Input) {
            switch input {
            case .learnerConnected(let link): links.append(link)
            case .receivedFromLearner: received += 1
            case .learnerDisconnected(let link): lost.append(link)
            default: Issue.record("not expected: \(input)")
            }
        }

        /// Ends a turn as the replica loop does; returns what each learner is sent in it.
        func endTurn(_ pace: LeaderPace) -> [[UInt8]?] {
            port.sendWaiting(pace) { [links, spare] link in
                spare.contains { links[$0] == link }
            }
            loop.turn(wait: false)
            return ends.map { $0 < 0 ? nil : receive($0) }
        }

        /// What has been sent to a learner already.
        func arrived(at learner: Int) -> [UInt8]? { receive(ends[learner]) }

        private func receive(_ end: Int32) -> [UInt8]? {
            var buffer = [UInt8](repeating: 0, count: 4096)
            guard case .bytes(let count) = buffer.withUnsafeMutableBytes({ Socket.receive(end, into: $0) }) else {
                return nil
            }
            return Array(buffer[..<count])
        }

        func hangUp(_ learner: Int) {
            close(ends[learner])
            ends[learner] = -1
        }

        func ask(_ learner: Int) { send(QuorumPacket(.request, zxid: .none, data: []), from: learner) }

        func send(_ packet: QuorumPacket, from learner: Int) {
            let bytes = packet.encoded()
            _ = bytes.withUnsafeBytes { Socket.send(ends[learner], $0) }
            let before = received
            for _ in 0..<1000 where received == before { loop.turn() }
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
        #expect(rig.endTurn(.steady) == [expected, expected])
        #expect(rig.endTurn(.steady) == [nil, nil])
    }

    @Test func whileTheLeaderLingersTheyWaitForTheNextProposal() {
        let rig = Rig(learners: 2)
        rig.port.send(commit(1), to: rig.links)
        #expect(rig.endTurn(.lingering) == [nil, nil])
        rig.port.send(commit(2), to: rig.links)
        #expect(rig.endTurn(.lingering) == [nil, nil])
        rig.port.send(proposal, to: [rig.links[1]])
        let commits = commit(1).encoded() + commit(2).encoded()
        #expect(rig.endTurn(.lingering) == [nil, commits + proposal.encoded()])
        #expect(rig.endTurn(.steady) == [commits, nil])
    }

    @Test func whoAsksIsToldAtOnce() {
        let rig = Rig(learners: 2)
        rig.ask(1)
        rig.port.send(commit(1), to: rig.links)
        #expect(rig.endTurn(.lingering) == [nil, commit(1).encoded()])
        #expect(rig.endTurn(.steady) == [commit(1).encoded(), nil])
    }

    @Test func theFirstOfManyInformsDoNotWaitForTheEndOfTheTurn() {
        let inform = QuorumPacket(.inform, zxid: Zxid(epoch: Epoch(1), counter: 9), data: [1, 2, 3])
        let size = inform.encoded().count
        let rig = Rig(learners: 2, informedBytes: 2 * size)
        rig.port.send(inform, to: [rig.links[0]])
        #expect(rig.arrived(at: 0) == nil)
        rig.port.send(inform, to: [rig.links[0]])
        #expect(rig.arrived(at: 0) == inform.encoded() + inform.encoded())
        rig.port.send(inform, to: [rig.links[0]])
        for _ in 1...3 { rig.port.send(proposal, to: [rig.links[1]]) }
        #expect(rig.arrived(at: 0) == nil && rig.arrived(at: 1) == nil)
        let proposals = proposal.encoded() + proposal.encoded() + proposal.encoded()
        #expect(rig.endTurn(.steady) == [inform.encoded(), proposals])
    }

    @Test func aLearnerThatGoesTakesItsCommitsAlong() {
        let rig = Rig(learners: 2)
        rig.port.send(commit(1), to: rig.links)
        #expect(rig.endTurn(.lingering) == [nil, nil])
        rig.port.disconnect(rig.links[0], reason: "test")
        #expect(rig.endTurn(.steady) == [nil, commit(1).encoded()])
    }

    /// A rig of two where the second is known to be spare: it was told of a commit an instant ago.
    private func rigWithSpareFollower(paceNs: Int64 = 1_000_000_000, bytes: Int = .max) -> Rig {
        let rig = Rig(learners: 2, spareFollowerPaceNs: paceNs, spareFollowerBytes: bytes)
        rig.port.send(commit(1), to: rig.links)
        #expect(rig.endTurn(.steady) == [commit(1).encoded(), commit(1).encoded()])
        rig.spare = [1]
        rig.port.send(commit(2), to: rig.links)
        #expect(rig.endTurn(.steady) == [commit(2).encoded(), nil])
        return rig
    }

    @Test func aSpareFollowerIsSentProposalsLaterAndInOrder() {
        let rig = rigWithSpareFollower()
        rig.port.send(proposal, to: rig.links)
        #expect(rig.endTurn(.steady) == [proposal.encoded(), nil])
        rig.port.send(commit(9), to: rig.links)
        #expect(rig.endTurn(.steady) == [commit(9).encoded(), nil])
        // What may not wait takes along what is queued before it.
        let ping = QuorumPacket(.ping, zxid: .none)
        rig.port.send(ping, to: [rig.links[1]])
        let all = [commit(2), proposal, commit(9), ping].flatMap { $0.encoded() }
        #expect(rig.endTurn(.steady) == [nil, all])
    }

    @Test func aFollowerThatIsNeededAgainIsSentEverything() {
        let rig = rigWithSpareFollower()
        rig.port.send(proposal, to: rig.links)
        #expect(rig.endTurn(.steady) == [proposal.encoded(), nil])
        rig.spare = []
        #expect(rig.endTurn(.steady) == [nil, commit(2).encoded() + proposal.encoded()])
        rig.port.send(proposal, to: rig.links)
        #expect(rig.endTurn(.steady) == [proposal.encoded(), proposal.encoded()])
    }

    @Test func whatWaitsForASpareFollowerIsDueInTime() {
        let rig = rigWithSpareFollower(paceNs: 1_000_000)
        rig.port.send(proposal, to: rig.links)
        rig.nowNs += 999_999
        #expect(rig.endTurn(.steady) == [proposal.encoded(), nil])
        for _ in 0..<1000 where rig.pacesEnded == 0 { rig.loop.turn() }
        #expect(rig.pacesEnded == 1)
        rig.nowNs += 1
        #expect(rig.endTurn(.steady) == [nil, commit(2).encoded() + proposal.encoded()])
    }

    @Test func aLateCommitBringsInTheSpareFollower() {
        let rig = rigWithSpareFollower()
        rig.port.send(proposal, to: rig.links)
        #expect(rig.endTurn(.late) == [proposal.encoded(), commit(2).encoded() + proposal.encoded()])
    }

    @Test func aConnectionThatFailsIsPassedOver() {
        let rig = Rig(learners: 3)
        rig.hangUp(0)
        rig.port.send(commit(1), to: rig.links)
        #expect(rig.endTurn(.steady) == [nil, commit(1).encoded(), commit(1).encoded()])
        #expect(rig.lost == [rig.links[0]])
    }

    @Test func muchDoesNotWaitForASpareFollower() {
        let rig = rigWithSpareFollower(bytes: 100)
        let large = QuorumPacket(.proposal, zxid: proposal.zxid, data: [UInt8](repeating: 1, count: 200))
        rig.port.send(large, to: rig.links)
        #expect(rig.endTurn(.steady) == [large.encoded(), commit(2).encoded() + large.encoded()])
    }

    @Test(arguments: [PacketType.request, .ping, .revalidate])
    func aFollowerWithClientsIsNotSpare(sign: PacketType) {
        let rig = Rig(learners: 2)
        rig.spare = [0, 1]
        rig.send(QuorumPacket(sign, zxid: .none, data: [0]), from: 0)
        rig.send(QuorumPacket(.ping, zxid: .none, data: []), from: 1)
        rig.port.send(commit(1), to: rig.links)
        // The first time all is due: nothing was ever sent.
        #expect(rig.endTurn(.steady) == [commit(1).encoded(), commit(1).encoded()])
        rig.port.send(proposal, to: rig.links)
        #expect(rig.endTurn(.steady) == [proposal.encoded(), nil])
    }
}
