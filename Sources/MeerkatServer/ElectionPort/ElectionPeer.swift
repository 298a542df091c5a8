// What the election port keeps of one other server.

import Jute
import Libevent

/// One server, configured or not, and the state of the way to it. Lives on the replica loop.
final class ElectionPeer {
    let sid: ServerID
    /// Empty for a server that no configuration lists.
    let configured: [ElectionAddress]
    /// What its last greeting told.
    var greeted: [ElectionAddress] = []
    var channel: ElectionChannel?
    /// The one message that waits to be sent. A newer one takes its place: stale votes are never sent.
    var queued: [UInt8]?
    /// Sent once more when a channel opens and nothing waits, since the old channel may have lost it.
    var lastSent: [UInt8]?
    /// The dial under way; at most one.
    var attempt: ConnectAttempt?
    /// Runs while the next dial must wait.
    var pause: Timer?
    /// Dials since there last was a sign of life.
    var fruitlessDials = 0
    /// Where to dial once the dial or the pause under way is over; nil if nothing asks for it.
    var wanted: [ElectionAddress]?

    init(sid: ServerID, configured: [ElectionAddress]) {
        self.sid = sid
        self.configured = configured
    }

    var isStranger: Bool { configured.isEmpty }
    var isDialling: Bool { attempt != nil }

    /// Where to dial it unasked: as configured, or else where it said it is.
    var addresses: [ElectionAddress] { isStranger ? greeted : configured }

    /// There was a sign of life: no long pauses any more. A pause of the shortest kind still runs to its end, so that
    /// no peer makes us dial without measure.
    func showedLife() {
        if fruitlessDials > 1 { pause = nil }
        fruitlessDials = 0
    }

    func drop() {
        channel?.close()
        channel = nil
        attempt?.cancel()
        attempt = nil
        pause = nil
        wanted = nil
    }
}
