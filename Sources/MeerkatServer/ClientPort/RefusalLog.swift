// Log lines about refused clients, bounded: whoever can connect could otherwise fill the disk with them.

import Libevent
import Logging

/// One line per refusal naming the client and the reason, at most `perSecond` of them; what was left out is counted.
struct RefusalLog {
    private static let perSecond = 20
    private let log: Logger?
    private var second: Int64 = 0
    private var written = 0
    private var omitted = 0

    init(_ log: Logger?) { self.log = log }

    mutating func note(_ peer: SocketAddress, _ complaint: String, nowMs: Int64) {
        guard let log else { return }
        if nowMs / 1000 != second {
            if omitted > 0 { log.warning("clients refused and not named", metadata: ["count": "\(omitted)"]) }
            second = nowMs / 1000
            written = 0
            omitted = 0
        }
        guard written < Self.perSecond else {
            omitted += 1
            return
        }
        written += 1
        log.warning("client refused", metadata: ["peer": "\(peer)", "reason": "\(complaint)"])
    }
}
