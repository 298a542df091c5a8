// Asks running servers who they are: one greeting, one vote for nobody, one answer with the ensemble's configuration.

import Jute
import Libevent
import Logging

/// The question an observer asks before it knows anything but addresses. Every server answers a stranger's vote with its
/// own and its configuration's text (ZooKeeper, `QuorumCnxManager` and `FastLeaderElection`).
final class EnsembleDiscovery {
    private static let patienceMs: Int64 = 60_000
    private static let attemptMs: Int64 = 3_000

    private let loop: EventLoop
    private let id: ServerID
    private var streams: [Stream] = []
    private var attempts: [ConnectAttempt] = []
    private var answer: String?

    /// The configuration's text. Blocks for at most a minute.
    static func ask(_ servers: [MemberAddress], id: ServerID, log: Logger) throws(JoinError) -> String {
        let loop = EventLoop()
        let resolver = Resolver()
        let deadline = MonotonicClock.nowMs + patienceMs
        while MonotonicClock.nowMs < deadline {
            let discovery = EnsembleDiscovery(loop: loop, id: id)
            if let answer = discovery.ask(servers, resolver: resolver) { return answer }
            log.warning("no answer yet", metadata: ["servers": "\(servers.map(\.description).joined(separator: ","))"])
        }
        throw JoinError(description: "none of \(servers.map(\.description)) answered within a minute")
    }

    private init(loop: EventLoop, id: ServerID) {
        self.loop = loop
        self.id = id
    }

    /// One attempt at all of them at once; the first answer wins.
    private func ask(_ servers: [MemberAddress], resolver: Resolver) -> String? {
        let connector = Connector(on: loop, resolver: resolver)
        for server in servers {
            let attempt = connector.connect(
                host: server.host, port: UInt16(server.electionPort), timeoutMs: Self.attemptMs
            ) { [unowned self] result in
                if case .success(let fd) = result { greet(fd) }
            }
            attempts.append(attempt)
        }
        let clock = Timer(on: loop) {}
        clock.start(everyMs: 50)
        let deadline = MonotonicClock.nowMs + Self.attemptMs
        while answer == nil, MonotonicClock.nowMs < deadline { loop.turn() }
        for attempt in attempts { attempt.cancel() }
        for stream in streams { stream.close() }
        return answer
    }

    private func greet(_ fd: Int32) {
        let stream = Stream(on: loop, fd: fd)
        stream.onBytes = { [unowned self] in receive($0) }
        stream.onClosed = { _ in }
        stream.start()
        streams.append(stream)
        stream.write(ElectionInitial(sid: id, addressText: "0.0.0.0:1").encoded())
        // The form without a configuration: an Apache server never votes again after reading one it cannot parse.
        let vote = Notification(
            state: .looking, leader: ServerID(.min), zxid: Zxid(.min), electionEpoch: 0, peerEpoch: Epoch(.min),
            version: 1, config: [])
        var frame = JuteEncoder()
        frame.write(vote.encoded())
        stream.write(frame.bytes)
    }

    private func receive(_ bytes: RawSpan) -> Int {
        var decoder = JuteDecoder(bytes)
        guard let length = try? decoder.readInt32(), length > 0, Int(length) <= Notification.maximumSize else {
            return bytes.byteCount < 4 ? 0 : bytes.byteCount
        }
        guard let frame = try? decoder.readRaw(Int(length)) else { return 0 }
        if let notification = try? Notification(decoding: frame), !notification.config.isEmpty {
            answer = String(decoding: notification.config, as: UTF8.self)
        }
        return decoder.offset
    }
}
