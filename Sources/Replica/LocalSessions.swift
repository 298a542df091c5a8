// Sessions that only the server knows that opened them: how they begin, what they may not do, how they become global,
// how they end. The same for a leader and a learner, so in a file of its own.

import Jute
import Tree

/// A local session costs no transaction and no word to the leader (`localSessionsEnabled`; ZooKeeper,
/// `UpgradeableSessionTracker`). It belongs to the role: who stops following or leading forgets its local sessions, and
/// their clients are told that they have expired.
///
/// Writes are forwarded like any others; the leader lets sessions pass that it does not know if another server issued
/// them. Ephemerals need a session that every server knows. So before its first ephemeral a session becomes global, by
/// a createSession that goes ahead of the create on the same link. From then on nothing here remembers it.
extension Replica {
    mutating func openLocalSession(_ client: ClientID, timeoutMs: Int32) {
        let session = sessionIDs.next()
        if leading != nil {
            leading!.sessions.track(session, timeout: timeoutMs, now: now.monotonicMs, isLocal: true)
            leading!.sessions.assign(Leading.owner(of: nil), to: session)
        } else {
            learning!.sessions.track(session, timeout: timeoutMs, now: now.monotonicMs, isLocal: true)
        }
        emit(.answer(client, .opened(session, timeoutMs: timeoutMs)))
    }

    /// Does what a local session's request asks of this server. False: it goes to the leader like any other.
    mutating func answersLocally(_ request: WriteRequest, _ client: ClientID) -> Bool {
        guard configuration.opensLocalSessions, sessions?.isLocal(request.session) == true,
            let opCode = OpCode(rawValue: request.opCode)
        else { return false }
        if opCode == .closeSession {
            emit(.answer(client, .closed(request.cxid)))
            endLocalSession(request.session)
            return true
        }
        guard RequestValidation.createsEphemeral(opCode, body: request.body) else { return false }
        if configuration.upgradesLocalSessions {
            makeGlobal(request.session)
            // Proposing may end a reign, and with it what this client waits for.
            return service == nil
        }
        // What else becomes of a multi, only the leader can tell.
        if opCode == .multi { return false }
        emit(.answer(client, .refused(request.cxid, .ephemeralOnLocalSession)))
        return true
    }

    mutating func expireLocalSession(_ session: SessionID) {
        emit(.log(.sessionExpired(session)))
        endLocalSession(session)
    }

    /// The sessions that end by this server's clock: a leader's local and global ones, a learner's local ones.
    var sessions: SessionExpiry? { leading?.sessions ?? learning?.sessions }

    private mutating func endLocalSession(_ session: SessionID) {
        leading?.sessions.remove(session)
        learning?.sessions.remove(session)
        emit(.endLocalSession(session))
    }

    /// Nobody waits for this transaction: what follows it on the same way does.
    private mutating func makeGlobal(_ session: SessionID) {
        guard let timeoutMs = sessions?.timeout(of: session) else { return }
        let request = WriteRequest(
            session: session, cxid: Xid(0), opCode: OpCode.createSession.rawValue,
            body: CreateSessionTxn(timeOut: timeoutMs).encoded(), identities: [])
        if leading != nil {
            propose(request, from: nil, client: nil)
        } else {
            learning!.sessions.remove(session)
            forward(request, authinfo: nil)
        }
    }
}
