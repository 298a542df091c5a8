// Passwords, numbers, deadlines.

import Jute
import Testing
import Tree

struct SessionTests {
    @Test func passwordOfTheReference() {
        let id = SessionID(0x0100_0034_9cea_000b)
        let expected: [UInt8] = [
            0x0a, 0x77, 0xcc, 0x39, 0x21, 0xf6, 0xde, 0xc0, 0xb7, 0x6c, 0xad, 0xf0, 0x3c, 0x8b, 0xae, 0x90,
        ]
        #expect(SessionPassword.bytes(for: id) == expected)
        #expect(SessionPassword.matches(expected, session: id))
        #expect(!SessionPassword.matches(expected, session: SessionID(1)))
        #expect(!SessionPassword.matches(nil, session: id))
        #expect(!SessionPassword.matches([], session: id))
        #expect(!SessionPassword.matches(SessionPassword.bytes(for: .none), session: .none))
    }

    @Test func numbers() {
        var generator = SessionIDGenerator(server: ServerID(1), now: 0x1_2345_6789)
        #expect(generator.next() == SessionID(0x0101_2345_6789_0000))
        #expect(generator.next() == SessionID(0x0101_2345_6789_0001))
        var zero = SessionIDGenerator(server: ServerID(0), now: 0)
        #expect(zero.next() == SessionID(1))
        var half = SessionIDGenerator(server: ServerID(128), now: 0)
        #expect(half.next() == SessionID(.min + 1))
        #expect(half.next() == SessionID(.min + 2))
        // Shifted left by 24, then logically right by 8: the clock's upper bits fall out, the top byte stays clear.
        var shifted = SessionIDGenerator(server: ServerID(3), now: 0x2bcd_0000_0000_0001)
        #expect(shifted.next() == SessionID(0x0300_0000_0001_0000))
    }

    @Test func timeouts() {
        let timeouts = SessionTimeouts(tickTime: 2000)
        #expect(timeouts.negotiate(0) == 4000)
        #expect(timeouts.negotiate(-5) == 4000)
        #expect(timeouts.negotiate(10_000) == 10_000)
        #expect(timeouts.negotiate(.max) == 40_000)
    }

    @Test(arguments: 1...5 as ClosedRange<UInt64>)
    func neverEarlyAndAtMostOneTickLate(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let tick: Int32 = 500
        var expiry = SessionExpiry(tickTime: tick)
        var alive: [SessionID: (last: Int64, timeout: Int32)] = [:]
        var now: Int64 = 10_000
        var expired = 0
        for step in 0..<4000 {
            now += Int64.random(in: 0...120, using: &random)
            let id = SessionID(Int64.random(in: 1...40, using: &random))
            let timeout = Int32.random(in: 1000...9000, using: &random)
            if let known = alive[id] {
                let renewed = step % 7 == 0 ? timeout : known.timeout
                #expect(expiry.touch(id, timeout: step % 7 == 0 ? timeout : nil, now: now) == true)
                alive[id] = (now, renewed)
            } else {
                expiry.remove(id)
                expiry.track(id, timeout: timeout, now: now)
                alive[id] = (now, timeout)
            }
            for due in expiry.expire(now: now) {
                expired += 1
                let known = alive.removeValue(forKey: due)
                #expect(known.map { now >= $0.last + Int64($0.timeout) } == true, "\(due) at \(now)")
                #expect(expiry.touch(due, now: now) == false)
            }
            for (id, known) in alive where now > known.last + Int64(known.timeout) + Int64(tick) {
                Issue.record("\(id) should be over at \(now)")
            }
        }
        #expect(expired > 20)
    }

    @Test func quietSessionsExpireOnce() {
        var expiry = SessionExpiry(tickTime: 1000)
        expiry.track(SessionID(1), timeout: 3000, now: 500)
        #expect(expiry.expire(now: 3999) == [])
        #expect(expiry.expire(now: 4000) == [SessionID(1)])
        #expect(expiry.expire(now: 9000) == [])
        #expect(expiry.isClosing(SessionID(1)))
        #expect(throws: ErrorCode.sessionExpired) { try expiry.check(SessionID(1), owner: SessionOwner(1)) }
        #expect(expiry.revalidate(SessionID(1), timeout: 3000, owner: SessionOwner(1), now: 4000) == false)
    }

    @Test func shorterTimeoutTakesEffect() {
        var expiry = SessionExpiry(tickTime: 1000)
        expiry.track(SessionID(1), timeout: 30_000, now: 0)
        #expect(expiry.revalidate(SessionID(1), timeout: 2000, owner: SessionOwner(1), now: 0) == true)
        #expect(expiry.expire(now: 2999) == [])
        #expect(expiry.expire(now: 3000) == [SessionID(1)])
        #expect(expiry.expire(now: 40_000) == [])
    }

    @Test func ownership() throws {
        var expiry = SessionExpiry(tickTime: 1000)
        let id = SessionID(1)
        expiry.track(id, timeout: 3000, now: 0)
        try expiry.check(id, owner: SessionOwner(1))
        #expect(throws: ErrorCode.sessionMoved) { try expiry.check(id, owner: SessionOwner(2)) }
        #expect(expiry.revalidate(id, timeout: 3000, owner: SessionOwner(2), now: 0) == true)
        try expiry.checkGlobal(id, owner: SessionOwner(2))
        #expect(throws: ErrorCode.sessionMoved) { try expiry.check(id, owner: SessionOwner(1)) }
        expiry.remove(id)
        #expect(throws: ErrorCode.sessionExpired) { try expiry.check(id, owner: SessionOwner(2)) }
    }

    @Test func sessionsOfOtherServers() throws {
        var expiry = SessionExpiry(tickTime: 1000, foreignToServer: ServerID(1))
        let foreign = SessionID(2 << 56 | 5)
        try expiry.check(foreign, owner: SessionOwner(1))
        #expect(throws: ErrorCode.ephemeralOnLocalSession) { try expiry.checkGlobal(foreign, owner: SessionOwner(1)) }
        let own = SessionID(1 << 56)
        #expect(throws: ErrorCode.sessionExpired) { try expiry.check(own, owner: SessionOwner(1)) }
        #expect(throws: ErrorCode.sessionExpired) { try expiry.checkGlobal(own, owner: SessionOwner(1)) }
    }

    @Test func localSessionsBecomeGlobal() throws {
        var expiry = SessionExpiry(tickTime: 1000, foreignToServer: ServerID(1))
        let id = SessionID(1 << 56 | 5)
        expiry.track(id, timeout: 1000, now: 0, isLocal: true)
        expiry.track(SessionID(1 << 56 | 6), timeout: 1000, now: 0, isLocal: true)
        #expect(expiry.localCount == 2)
        try expiry.check(id, owner: SessionOwner(1))
        #expect(throws: ErrorCode.ephemeralOnLocalSession) { try expiry.checkGlobal(id, owner: SessionOwner(1)) }
        expiry.track(id, timeout: 1000, now: 0)
        try expiry.checkGlobal(id, owner: SessionOwner(1))
        #expect(expiry.localCount == 1)
        #expect(expiry.deadlines(local: false).flatMap(\.sessions) == [id])
        #expect(expiry.deadlines(local: true).flatMap(\.sessions) == [SessionID(1 << 56 | 6)])
        expiry.remove(id)
        expiry.remove(SessionID(1 << 56 | 6))
        #expect(expiry.localCount == 0)
    }

    @Test func newLeaderGrantsFullTimeouts() {
        var expiry = SessionExpiry(tickTime: 1000)
        expiry.track(SessionID(1), timeout: 3000, now: 0)
        expiry.markClosing(SessionID(1))
        let known: [(SessionID, Int32)] = [(SessionID(1), 3000), (SessionID(2), 5000)]
        expiry.reset(sessions: known, now: 10_000)
        #expect(expiry.expire(now: 13_999) == [])
        let deadlines = expiry.deadlines(local: false)
        #expect(deadlines.map(\.deadline) == [14_000, 16_000])
        #expect(deadlines.map(\.sessions) == [[SessionID(1)], [SessionID(2)]])
        #expect(expiry.expire(now: 14_000) == [SessionID(1)])
    }
}
