// The state of one election while it runs: what this server proposes and whom it has heard. Apart from `Election`,
// which outlives it and answers peers at all times.

package import Jute

/// One run of the election, from the start of looking until a leader is settled.
package struct Canvass: Equatable, Sendable {
    package enum Phase: Equatable, Sendable {
        case gathering
        /// A quorum supports the proposal; waiting for silence in case something better is on its way.
        case finalizing
    }

    package let initial: Vote
    package internal(set) var proposal: Vote
    package internal(set) var phase = Phase.gathering
    /// Votes of this round (`recvset`).
    package internal(set) var votes: [ServerID: Vote] = [:]
    /// The latest vote of every peer that follows or leads, whatever its round (`outofelection`).
    package internal(set) var settledVotes: [ServerID: Vote] = [:]
    package internal(set) var intervalMs: Int64
    package internal(set) var deadline: Int64

    init(initial: Vote, intervalMs: Int64, now: Int64) {
        self.initial = initial
        proposal = initial
        self.intervalMs = intervalMs
        deadline = now + intervalMs
    }
}
