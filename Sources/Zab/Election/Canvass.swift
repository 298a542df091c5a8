// The state of one election while it runs: what this server proposes and whom it has heard. Apart from `Election`,
// which outlives it and answers peers at all times.

public import Jute

/// One run of the election, from the start of looking until a leader is settled.
public struct Canvass: Equatable, Sendable {
    public enum Phase: Equatable, Sendable {
        case gathering
        /// A quorum supports the proposal; waiting for silence in case something better is on its way.
        case finalizing
    }

    public let initial: Vote
    public internal(set) var proposal: Vote
    public internal(set) var phase = Phase.gathering
    /// Votes of this round (`recvset`).
    public internal(set) var votes: [ServerID: Vote] = [:]
    /// The latest vote of every peer that follows or leads, whatever its round (`outofelection`).
    public internal(set) var settledVotes: [ServerID: Vote] = [:]
    public internal(set) var intervalMs: Int64
    public internal(set) var deadline: Int64

    init(initial: Vote, intervalMs: Int64, now: Int64) {
        self.initial = initial
        proposal = initial
        self.intervalMs = intervalMs
        deadline = now + intervalMs
    }
}
