// Transitions as log lines: one each, with the facts as metadata.

import Logging
import Replica

extension Logger {
    func log(_ transition: Transition) {
        switch transition {
        case .looking(let round):
            notice("looking for a leader", metadata: ["round": "\(round)"])
        case .elected(let leader, let round):
            notice("elected", metadata: ["leader": "\(leader)", "round": "\(round)"])
        case .leading(let epoch):
            notice("leading", metadata: ["epoch": "\(epoch)"])
        case .leadershipLost(let reason):
            warning("leadership given up", metadata: ["reason": "\(reason)"])
        case .learnerSynchronising(let server, let operation, let history):
            notice(
                "learner synchronises",
                metadata: ["server": "\(server)", "by": "\(operation)", "transactions": "\(history)"])
        case .learnerActive(let server, let observer):
            notice("learner in service", metadata: ["server": "\(server)", "as": observer ? "observer" : "follower"])
        case .learnerLost(let server):
            notice("learner gone", metadata: ["server": "\(server)"])
        case .synchronising(let operation, let leader):
            notice("synchronising", metadata: ["by": "\(operation)", "leader": "\(leader)"])
        case .synchronised(let epoch, let zxid):
            notice("synchronised", metadata: ["epoch": "\(epoch)", "zxid": "\(zxid)"])
        case .leaderLost(let reason):
            warning("leader lost", metadata: ["reason": "\(reason)"])
        case .sessionExpired(let session):
            info("session expired", metadata: ["session": "\(session)"])
        }
    }
}
