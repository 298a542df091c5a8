// Dialling peers: one dial per server at a time, bounded in pace.

import Jute
import Libevent
import Logging

extension ElectionPort {
    /// Dials `peer` for a channel, or notes that it must be dialled once the dial or the pause under way is over.
    func reach(_ peer: ElectionPeer, at addresses: [ElectionAddress]) {
        guard !isClosed, peer.channel == nil, !addresses.isEmpty else { return }
        if peer.isDialling || peer.pause?.isRunning == true {
            peer.wanted = addresses
            return
        }
        let doublings = Int64(min(peer.fruitlessDials, 16))
        peer.fruitlessDials += 1
        peer.wanted = nil
        let pause = Timer(on: loop) { [unowned self, unowned peer] in reachAgain(peer) }
        pause.start(afterMs: min(plan.limits.minimumDialPauseMs << doublings, plan.limits.maximumDialPauseMs))
        peer.pause = pause
        attempt(peer, addresses[...])
    }

    private func reachAgain(_ peer: ElectionPeer) {
        guard let addresses = peer.wanted else { return }
        reach(peer, at: addresses)
    }

    private func attempt(_ peer: ElectionPeer, _ addresses: ArraySlice<ElectionAddress>) {
        guard let address = addresses.first else { preconditionFailure("no address of server \(peer.sid) is left") }
        peer.attempt = connector.connect(
            host: address.host, port: address.port, timeoutMs: plan.connectTimeoutMs
        ) { [unowned self, unowned peer] result in
            peer.attempt = nil
            switch result {
            case .success(let fd): dialled(peer, fd, at: address)
            case .failure(let error):
                if addresses.count > 1 { return attempt(peer, addresses.dropFirst()) }
                log.log(
                    level: peer.fruitlessDials == 1 ? .warning : .debug, "election port: cannot connect",
                    metadata: ["id": "\(peer.sid)", "error": "\(error)"])
                reachAgain(peer)
            }
        }
    }

    private func dialled(_ peer: ElectionPeer, _ fd: Int32, at address: ElectionAddress) {
        if isClosed { return Socket.close(fd) }
        let channel = ElectionChannel(
            on: loop, fd: fd, peer: "\(address)", handshakeTimeoutMs: nil, isKeepAlive: plan.isKeepAlive)
        channel.write(greeting.encoded())
        switch ElectionChannelRule.dialled(peer: peer.sid, me: plan.myID) {
        case .keep:
            install(channel, for: peer)
            channel.start()
        case .hangUp:
            let id = ObjectIdentifier(channel)
            departing[id] = channel
            channel.closeAfterFlush { [weak self] in self?.departing[id] = nil }
        }
    }

    private var greeting: ElectionGreeting {
        var own = plan.ownAddress
        if own.port == 0, let address { own.port = address.port }
        return ElectionGreeting(sid: plan.myID, addresses: [own])
    }
}
