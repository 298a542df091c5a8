// The configuration translated for each part: what the replica, the store and the ports are given.

import Jute
import Libevent
import Logging
import Replica
import ReplicaStore
import Storage
import Tree
import Zab

extension ServerConfiguration {
    var treeMaking: TreeMaking {
        TreeMaking(
            seed: UInt64.random(in: .min ... .max), digestEnabled: tree.digest, extendedTypes: tree.extendedTypes,
            windowCount: quorum.commitLogCount)
    }

    var recoveryOptions: RecoveryOptions {
        var options = RecoveryOptions()
        options.createsDatabase = storage.databaseAutocreate
        options.trustsMissingSnapshot = storage.trustEmptySnapshot
        options.log.forceSync = storage.forceSync
        options.log.preallocation =
            storage.preallocateKiB > 0 ? LogPreallocation(bytes: storage.preallocateKiB << 10) : .off
        options.readAhead = ReadAheadThread()
        options.log.fileSizeLimit = storage.logSizeLimitKiB > 0 ? storage.logSizeLimitKiB << 10 : nil
        return options
    }

    private var membership: Membership {
        let voters = Set(ensemble.voters.map { ServerID($0.id) })
        let observers = Set(ensemble.observers.map { ServerID($0.id) })
        let text = Array(ensemble.text.utf8)
        switch ensemble.quorum {
        case .majority:
            return Membership(voters: voters, observers: observers, version: ensemble.version, text: text)
        case .hierarchical(let groups, let weights):
            var groupOf: [ServerID: Int64] = [:]
            for (group, ids) in groups {
                for id in ids where voters.contains(ServerID(id)) { groupOf[ServerID(id)] = group }
            }
            let weightOf = Dictionary(uniqueKeysWithValues: weights.map { (ServerID($0.key), $0.value) })
            return Membership(
                verifier: .hierarchical(groups: groupOf, weights: weightOf), observers: observers,
                version: ensemble.version, text: text)
        }
    }

    private var preparation: PreparerOptions {
        PreparerOptions(
            access: ACLRules(
                skipACL: tree.skipACL, superDigest: tree.superDigest.map { UString($0) },
                knowsDigest: tree.digestAuthentication),
            enforcesQuota: tree.enforceQuota, extendedTypes: tree.extendedTypes, writesDigest: tree.digest)
    }

    func replicaPlan(log: Logger) throws -> ReplicaPlan {
        let id = ServerID(serverID)
        var replica = ReplicaConfiguration(
            id: id, membership: membership, tickTimeMs: Int64(quorum.tickTimeMs),
            initLimit: Int64(quorum.initLimit ?? 10), syncLimit: Int64(quorum.syncLimit ?? 5),
            preparation: preparation)
        replica.opensLocalSessions = quorum.localSessions && !isStandalone
        replica.upgradesLocalSessions = quorum.upgradesLocalSessions
        replica.windowCount = quorum.commitLogCount
        replica.maximumPacketBytes = maxRecordBytes
        replica.unusedNodesCheckMs = Int64(tree.containerCheckIntervalMs)
        replica.unusedNodesPerCheck = tree.containerMaxPerMinute
        replica.neverUsedContainerMs = Int64(tree.containerMaxNeverUsedMs)
        replica.electionTiming.minimumIntervalMs = Int64(quorum.minNotificationIntervalMs)
        replica.electionTiming.maximumIntervalMs = Int64(quorum.maxNotificationIntervalMs)
        var limits = QuorumLimits()
        limits.maximumPacketBytes = maxRecordBytes
        limits.connectTimeoutMs = Int64(max(leaderConnectLimitMs, 1000))
        limits.connectPauseMs = Int64(quorum.leaderConnectRetryDelayMs)
        let resolver = Resolver()
        let own = ensemble.member(serverID)?.addresses.first
        return ReplicaPlan(
            configuration: replica, server: self, quorumHost: quorum.listenOnAllAddresses ? nil : own?.host,
            quorumPort: UInt16(own?.quorumPort ?? 0), quorumAddresses: quorumAddresses,
            election: isStandalone ? nil : electionPlan(id, own, resolver), limits: limits, making: treeMaking,
            resolver: resolver, log: log)
    }

    private var quorumAddresses: [ServerID: HostPort] {
        var addresses: [ServerID: HostPort] = [:]
        for member in ensemble.members {
            guard let address = member.addresses.first else { continue }
            addresses[ServerID(member.id)] = HostPort(host: address.host, port: UInt16(address.quorumPort))
        }
        return addresses
    }

    private func electionPlan(_ id: ServerID, _ own: MemberAddress?, _ resolver: Resolver) -> ElectionPlan {
        var peers: [ServerID: [ElectionAddress]] = [:]
        for member in ensemble.members where member.id != serverID {
            peers[ServerID(member.id)] = member.addresses.map {
                ElectionAddress(host: $0.host, port: UInt16($0.electionPort))
            }
        }
        // An observer that no configuration lists takes whatever port is free: it dials, nobody dials it.
        let address = ElectionAddress(host: own?.host ?? "0.0.0.0", port: UInt16(own?.electionPort ?? 0))
        var plan = ElectionPlan(
            myID: id, ownAddress: address, listenHost: quorum.listenOnAllAddresses ? nil : address.host, peers: peers,
            resolver: resolver)
        plan.connectTimeoutMs = Int64(quorum.connectTimeoutMs)
        plan.handshakeTimeoutMs = Int64(electionHandshakeTimeoutMs)
        plan.bindAttempts = quorum.electionPortBindRetries
        plan.isKeepAlive = quorum.tcpKeepAlive
        return plan
    }
}
