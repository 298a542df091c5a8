// The election network of this server: listens, keeps one channel per peer, carries notifications. What they mean is
// decided elsewhere; which connection survives is `ElectionChannelRule`. Dialling is in ElectionPort+Dial.swift.

public import Jute
public import Libevent
public import Logging

/// Sends and receives notifications. Everything happens on the replica loop.
public final class ElectionPort {
    let loop: EventLoop
    let plan: ElectionPlan
    let log: Logger
    let connector: Connector
    private let onNotification: (Notification, ServerID) -> Void
    private let onBindFailure: (SocketError) -> Void
    private var listener: Listener?
    private var bindTimer: Timer?
    private var failedBinds = 0
    var peers: [ServerID: ElectionPeer] = [:]
    /// Accepted, not introduced yet, or introduced with our own id; by the order of arrival.
    private var handshakes: [UInt64: ElectionChannel] = [:]
    private var lastHandshake: UInt64 = 0
    /// Closing once their greeting has left.
    var departing: [ObjectIdentifier: ElectionChannel] = [:]
    private(set) var isClosed = false

    /// Binds now; if that fails again each `bindPauseMs` until the attempts are used up.
    /// - Parameters:
    ///   - onNotification: never called from inside `send`. The sender is not this server.
    ///   - onBindFailure: called at most once, never before this returns: nobody can reach this server.
    public init(
        loop: EventLoop, plan: ElectionPlan, log: Logger,
        onNotification: @escaping (Notification, ServerID) -> Void,
        onBindFailure: @escaping (SocketError) -> Void
    ) {
        self.loop = loop
        self.plan = plan
        self.log = log
        self.onNotification = onNotification
        self.onBindFailure = onBindFailure
        connector = Connector(on: loop, resolver: plan.resolver)
        for (sid, addresses) in plan.peers where sid != plan.myID {
            peers[sid] = ElectionPeer(sid: sid, configured: addresses)
        }
        bind()
    }

    /// Where it listens; nil before binding succeeded.
    public var address: SocketAddress? { listener?.address }
    /// Servers with a channel.
    public var connected: Set<ServerID> { Set(peers.values.filter { $0.channel != nil }.map(\.sid)) }

    /// Sends as soon as there is a channel, dialling if there is none. A message to the same server that has not left
    /// yet is dropped. Messages to servers never heard of are dropped too.
    public func send(_ notification: Notification, to sid: ServerID) {
        loop.preconditionInLoop()
        precondition(sid != plan.myID, "server \(sid) sends itself a notification")
        guard !isClosed, let peer = peers[sid] else { return }
        let message = notification.encoded()
        precondition(message.count <= Notification.maximumSize, "notification of \(message.count) bytes")
        var frame = JuteEncoder(capacity: 4 + message.count)
        frame.write(Int32(message.count))
        frame.writeRaw(message)
        peer.queued = frame.bytes
        if peer.channel == nil {
            reach(peer, at: peer.addresses)
        } else {
            pump(peer)
        }
    }

    /// Closes every connection and stops listening. Idempotent.
    public func close() {
        isClosed = true
        listener?.close()
        listener = nil
        bindTimer = nil
        for channel in handshakes.values { channel.close() }
        for channel in departing.values { channel.close() }
        for peer in peers.values { peer.drop() }
        handshakes = [:]
        departing = [:]
        peers = [:]
    }

    // MARK: Listening

    private func bind() {
        do throws(SocketError) {
            listener = try Listener(on: loop, host: plan.listenHost, port: plan.ownAddress.port) {
                [unowned self] fd, peer in accepted(fd, from: peer)
            }
            log.info("election port: listening", metadata: ["address": "\(address!)"])
        } catch {
            failedBinds += 1
            log.error("election port: cannot listen", metadata: ["error": "\(error)", "attempt": "\(failedBinds)"])
            if plan.bindAttempts != 0, failedBinds >= plan.bindAttempts {
                loop.requestEndOfTurn { [weak self] in if let self, !isClosed { onBindFailure(error) } }
            } else {
                let timer = bindTimer ?? Timer(on: loop) { [unowned self] in bind() }
                timer.start(afterMs: plan.bindPauseMs)
                bindTimer = timer
            }
        }
    }

    private func accepted(_ fd: Int32, from address: SocketAddress) {
        if handshakes.count >= plan.limits.maximumHandshakes, let oldest = handshakes.keys.min() {
            refused(oldest, "too many greetings are awaited")
        }
        let channel = ElectionChannel(
            on: loop, fd: fd, peer: "\(address)", handshakeTimeoutMs: plan.handshakeTimeoutMs,
            isKeepAlive: plan.isKeepAlive)
        lastHandshake += 1
        let number = lastHandshake
        handshakes[number] = channel
        channel.onGreeting = { [unowned self] in greeted($0, over: number) }
        channel.onEnd = { [unowned self] reason, _ in refused(number, reason) }
        channel.start()
    }

    private func refused(_ number: UInt64, _ reason: String) {
        guard let channel = handshakes.removeValue(forKey: number) else { return }
        channel.close()
        log.warning(
            "election port: connection refused", metadata: ["peer": "\(channel.peer)", "reason": "\(reason)"])
    }

    private func greeted(_ greeting: ElectionGreeting, over number: UInt64) {
        guard let channel = handshakes[number] else { preconditionFailure("greeting \(number) came twice") }
        let rule = ElectionChannelRule.accepted(from: greeting.sid, me: plan.myID)
        if rule == .ignore {
            log.error(
                "election port: a peer has our id", metadata: ["peer": "\(channel.peer)", "id": "\(plan.myID)"])
            return channel.beSilent()
        }
        handshakes[number] = nil
        guard let peer = introduced(greeting.sid) else {
            log.warning("election port: too many unlisted servers", metadata: ["peer": "\(channel.peer)"])
            return channel.close()
        }
        peer.greeted = greeting.usableAddresses
        switch rule {
        case .ignore: preconditionFailure("server \(greeting.sid) was to be ignored")
        case .keep:
            // The dial it answers, if any, has done its work.
            peer.attempt?.cancel()
            peer.attempt = nil
            channel.open()
            install(channel, for: peer)
        case .dialBack:
            channel.close()
            peer.channel?.close()
            peer.channel = nil
            peer.showedLife()
            reach(peer, at: peer.greeted.isEmpty ? peer.configured : peer.greeted)
        }
    }

    /// The record of a server that introduced itself; nil if there are too many that nobody listed.
    private func introduced(_ sid: ServerID) -> ElectionPeer? {
        if let known = peers[sid] { return known }
        let strangers = peers.values.filter(\.isStranger)
        if strangers.count >= plan.limits.maximumStrangers {
            guard let gone = strangers.first(where: { $0.channel == nil && !$0.isDialling }) else { return nil }
            peers[gone.sid] = nil
        }
        let peer = ElectionPeer(sid: sid, configured: [])
        peers[sid] = peer
        return peer
    }

    // MARK: Channels

    /// Makes `channel` the one way to `peer` and sends what waits, or else the last message again.
    func install(_ channel: ElectionChannel, for peer: ElectionPeer) {
        peer.channel?.close()
        peer.channel = channel
        peer.showedLife()
        peer.wanted = nil
        channel.onNotification = { [unowned self, unowned peer] in onNotification($0, peer.sid) }
        channel.onDrained = { [unowned self, unowned peer] in pump(peer) }
        channel.onDropped = { [unowned self, unowned channel] error in
            log.warning(
                "election port: notification dropped", metadata: ["peer": "\(channel.peer)", "error": "\(error)"])
            channel.onDropped = nil
        }
        channel.onEnd = { [unowned self, unowned peer, unowned channel] reason, isHostile in
            if peer.channel === channel { peer.channel = nil }
            log.log(
                level: isHostile ? .warning : .info, "election port: channel closed",
                metadata: ["peer": "\(channel.peer)", "id": "\(peer.sid)", "reason": "\(reason)"])
        }
        log.info("election port: channel open", metadata: ["peer": "\(channel.peer)", "id": "\(peer.sid)"])
        peer.queued = peer.queued ?? peer.lastSent
        pump(peer)
    }

    /// Hands over what waits once everything before it has left.
    private func pump(_ peer: ElectionPeer) {
        guard let channel = peer.channel, channel.isIdle, let message = peer.queued else { return }
        peer.queued = nil
        peer.lastSent = message
        channel.write(message)
    }
}
