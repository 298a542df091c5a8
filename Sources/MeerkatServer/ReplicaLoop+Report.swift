// The replica loop's part of a four-letter answer: what no client worker knows.

import Jute
import Libevent
import Replica
import Tree
import Zab

extension ReplicaLoop {
    /// Lists only what `word` prints.
    func report(for word: FourLetterWord) -> ServerReport {
        var report = ServerReport()
        report.configuration = plan.server
        report.isServing = replica.service != nil
        report.zxid = replica.tree.lastProcessedZxid.rawValue
        report.uptimeMs = MonotonicClock.nowMs - startedAtMs
        describeRole(&report)
        describeTree(&report)
        report.openFileDescriptors = ProcessFigures.openDescriptors
        report.maxFileDescriptors = ProcessFigures.maximumDescriptors
        report.dataDirectoryBytes = ProcessFigures.bytes(in: plan.server.storage.dataDirectory + "/version-2")
        report.logDirectoryBytes = ProcessFigures.bytes(in: plan.server.storage.effectiveLogDirectory + "/version-2")
        if word == .envi { report.environment = EnvironmentEntry.current() }
        if word == .dump { report.sessions = sessions() }
        if word == .hash {
            report.digests = replica.tree.digestLog.entries.map { .init(zxid: $0.zxid.rawValue, digest: $0.digest) }
        }
        if word == .mntr { report.metrics += published.lockFigures().metrics + snapshotMetrics }
        return report
    }

    /// As `mntr` shows them: the longest that a slice of a snapshot has held up this loop, microseconds.
    private var snapshotMetrics: [ServerReport.Metric] {
        [
            .init("snapshot_slice_max_us", String(snapshots.slices.ns / 1000)),
            .init("learner_snapshot_slice_max_us", String(quorum.snapshotSlices.ns / 1000)),
        ]
    }

    private func describeRole(_ report: inout ServerReport) {
        if plan.server.isStandalone {
            report.mode = .standalone
            return
        }
        report.quorumSize = plan.configuration.membership.voters.count
        switch replica.service {
        case .leader?:
            report.mode = .leader
            report.peerState = "leading - broadcast"
            report.leading = replica.leadingFigures
        case .follower?:
            report.mode = .follower
            report.peerState = "following - broadcast"
        case .observer(let leader, _)?:
            report.mode = .observer
            report.peerState = "observing - broadcast"
            report.learnerMasterID = leader.rawValue
        case nil:
            report.peerState = "looking"
        }
    }

    private func describeTree(_ report: inout ServerReport) {
        let tree = replica.tree
        report.nodeCount = tree.nodeCount
        report.approximateDataBytes = Int64(tree.approximateDataSize)
        report.ephemeralCount = tree.ephemeralsCount
        report.globalSessions = tree.sessions.count
        report.localSessions = replica.localSessionCount
    }

    private func sessions() -> SessionReport {
        var report = SessionReport()
        let wallMs = WallClock.nowMs - MonotonicClock.nowMs
        if plan.configuration.opensLocalSessions {
            report.local = replica.localSessionDeadlines.map { bucket($0, wallMs: wallMs) }
        }
        report.expiry = replica.sessionDeadlines?.map { bucket($0, wallMs: wallMs) }
        report.timeouts = replica.tree.sessions.sorted { $0.key < $1.key }.map {
            .init(sessionID: $0.key.rawValue, timeoutMs: Int($0.value))
        }
        report.ephemerals = replica.tree.ephemeralOwners.sorted().map { owner in
            .init(sessionID: owner.rawValue, paths: replica.tree.ephemerals(of: owner).map(\.description))
        }
        return report
    }

    /// - Parameter wallMs: what the wall clock is ahead of the monotonic one.
    private func bucket(_ deadline: SessionDeadline, wallMs: Int64) -> SessionReport.Bucket<Int64> {
        .init(expiresMs: deadline.deadline + wallMs, elements: deadline.sessions.map(\.rawValue))
    }
}
