// How long nothing succeeded. Separate and pure: the failover load keeps one for reads and one for writes.

/// Successes of several sessions, and the longest time between two of them: of any session, and of each.
public struct Gaps: Sendable, Equatable {
    public private(set) var longestNs: Int64 = 0
    /// Per session.
    public private(set) var longestOfSessionNs: [Int64]
    private var lastNs: Int64 = 0
    private var lastOfSessionNs: [Int64]

    public init(sessions: Int) {
        longestOfSessionNs = Array(repeating: 0, count: sessions)
        lastOfSessionNs = longestOfSessionNs
    }

    /// Forgets everything; counts from here.
    public mutating func begin(nowNs: Int64) {
        longestNs = 0
        lastNs = nowNs
        for index in longestOfSessionNs.indices {
            longestOfSessionNs[index] = 0
            lastOfSessionNs[index] = nowNs
        }
    }

    public mutating func succeeded(session: Int, nowNs: Int64) {
        longestNs = max(longestNs, nowNs - lastNs)
        lastNs = nowNs
        longestOfSessionNs[session] = max(longestOfSessionNs[session], nowNs - lastOfSessionNs[session])
        lastOfSessionNs[session] = nowNs
    }

    /// What is not over yet counts as far as it has come.
    public mutating func end(nowNs: Int64) {
        longestNs = max(longestNs, nowNs - lastNs)
        for index in longestOfSessionNs.indices {
            longestOfSessionNs[index] = max(longestOfSessionNs[index], nowNs - lastOfSessionNs[index])
        }
    }

    /// The session that fared worst.
    public var worstSessionNs: Int64 { longestOfSessionNs.max() ?? 0 }
    /// The session in the middle.
    public var medianSessionNs: Int64 {
        longestOfSessionNs.isEmpty ? 0 : longestOfSessionNs.sorted()[longestOfSessionNs.count / 2]
    }
}
