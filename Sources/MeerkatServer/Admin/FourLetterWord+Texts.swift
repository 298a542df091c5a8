// The texts of the four-letter words, byte for byte those of ZooKeeper 3.9: dashboards and scripts parse them.

import Replica

extension ServerReport {
    /// `srvr`, and `stat` with the connections in between.
    func serverText(listingClients: Bool) -> String {
        var text = "Zookeeper version: \(ServerVersion.text)\n"
        if mode == .readOnly { text += "READ-ONLY mode; serving only read-only clients\n" }
        if listingClients {
            text += "Clients:\n"
            for connection in connections { text += connection.briefText + ")\n" }
            text += "\n"
        }
        text += "Latency min/avg/max: \(latency.minMs)/\(Self.decimal(latency.average))/\(latency.maxMs)\n"
        text += "Received: \(packetsReceived)\nSent: \(packetsSent)\n"
        text += "Connections: \(connectionCount)\nOutstanding: \(outstandingRequests)\n"
        text += "Zxid: \(hexadecimal(zxid))\nMode: \(mode.rawValue)\nNode count: \(nodeCount)\n"
        if let sizes = leading?.proposalBytes {
            text += "Proposal sizes last/min/max: \(sizes.last)/\(sizes.minimum)/\(sizes.maximum)\n"
        }
        return text
    }

    var connectionsText: String { connections.map { $0.fullText + ")\n" }.joined() + "\n" }

    var configurationText: String {
        let directory = configuration.storage.dataDirectory
        let logDirectory = configuration.storage.effectiveLogDirectory
        var lines = [
            "clientPort=\(configuration.clientPort.port ?? -1)",
            "secureClientPort=-1",
            "dataDir=\(directory)/version-2",
            "dataDirSize=\(dataDirectoryBytes)",
            "dataLogDir=\(logDirectory)/version-2",
            "dataLogSize=\(logDirectoryBytes)",
            "tickTime=\(configuration.quorum.tickTimeMs)",
            "maxClientCnxns=\(configuration.clientPort.maxClientConnections)",
            "minSessionTimeout=\(configuration.minSessionTimeoutMs)",
            "maxSessionTimeout=\(configuration.maxSessionTimeoutMs)",
            "clientPortListenBacklog=\(configuration.clientPort.listenBacklog)",
            "serverId=\(configuration.reportedServerID)",
        ]
        guard !configuration.isStandalone else { return lines.map { $0 + "\n" }.joined() }
        let addresses = configuration.ensemble.member(configuration.serverID)?.addresses ?? []
        lines += [
            "initLimit=\(configuration.quorum.initLimit ?? 0)",
            "syncLimit=\(configuration.quorum.syncLimit ?? 0)",
            "electionAlg=3",
            "electionPort=" + addresses.map { String($0.electionPort) }.joined(separator: "|"),
            "quorumPort=" + addresses.map { String($0.quorumPort) }.joined(separator: "|"),
            "peerType=\(configuration.role.ordinal)",
            "membership: ",
        ]
        // The membership ends without a newline, as ZooKeeper prints it.
        return lines.map { $0 + "\n" }.joined() + configuration.ensemble.text
    }

    var environmentText: String {
        "Environment:\n" + environment.map { "\($0.key)=\($0.value)\n" }.joined()
    }

    var dumpText: String {
        var text = "SessionTracker dump:\n"
        if let local = sessions.local {
            text += Self.buckets("Local Session Sets", local) { "\t\(hexadecimal($0))\n" }
        }
        if let expiry = sessions.expiry {
            let title = sessions.local == nil ? "Session Sets" : "Global Session Sets"
            text += Self.buckets(title, expiry) { "\t\(hexadecimal($0))\n" }
        } else {
            text += "Global Sessions(\(sessions.timeouts.count)):\n"
            for entry in sessions.timeouts { text += "\(hexadecimal(entry.sessionID))\t\(entry.timeoutMs)ms\n" }
        }
        text += "ephemeral nodes dump:\nSessions with Ephemerals (\(sessions.ephemerals.count)):\n"
        for owner in sessions.ephemerals {
            text += "\(hexadecimal(owner.sessionID)):\n"
            for path in owner.paths { text += "\t\(path)\n" }
        }
        text += "Connections dump:\n"
        return text
            + Self.buckets("Connections Sets", sessions.connections) {
                "\tip: /\($0.remote) sessionId: \(hexadecimal($0.sessionID))\n"
            }
    }

    private static func buckets<Element>(
        _ title: String, _ buckets: [SessionReport.Bucket<Element>], _ line: (Element) -> String
    ) -> String {
        let total = buckets.reduce(0) { $0 + $1.elements.count }
        var text = "\(title) (\(buckets.count))/(\(total)):\n"
        for bucket in buckets {
            text += "\(bucket.elements.count) expire at \(CalendarDate(milliseconds: bucket.expiresMs)):\n"
            for element in bucket.elements { text += line(element) }
        }
        return text
    }

    // MARK: Watches and digests

    var watchSummaryText: String {
        let (connections, total) = (watchSummary.connections, watchSummary.pathHashes.count)
        return "\(connections) connections watching \(watchSummary.pathCount) paths\nTotal watches:\(total)\n"
    }

    /// One session after the other, each with its paths.
    var watchesBySessionText: String {
        var text: [UInt8] = []
        for watch in watches {
            text += "\(hexadecimal(watch.sessionID))\n".utf8
            for path in 0..<watch.paths.count {
                text.append(UInt8(ascii: "\t"))
                text += watch.paths[path]
                text.append(UInt8(ascii: "\n"))
            }
        }
        return String(decoding: text, as: UTF8.self) + "\n"
    }

    /// One path after the other, in order, each with the sessions that watch it.
    var watchesByPathText: String {
        var watchers: [(path: ArraySlice<UInt8>, session: Int64)] = []
        for watch in watches {
            for path in 0..<watch.paths.count { watchers.append((watch.paths[path], watch.sessionID)) }
        }
        watchers.sort { $0.path.lexicographicallyPrecedes($1.path) }
        var text: [UInt8] = []
        var last: ArraySlice<UInt8>?
        for (path, session) in watchers {
            if path != last {
                text += path
                text.append(UInt8(ascii: "\n"))
            }
            last = path
            text += "\t\(hexadecimal(session))\n".utf8
        }
        return String(decoding: text, as: UTF8.self) + "\n"
    }

    var digestsText: String {
        digests.map { "\(String(UInt64(bitPattern: $0.zxid), radix: 16)): \($0.digest)\n" }.joined()
    }

    // MARK: Numbers

    /// Up to four decimals, at least one. (Java prints values below 0.001 with an exponent; plain digits read the
    /// same everywhere.)
    public static func decimal(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e14 else { return "0.0" }
        let scaled = Int64((value * 10_000).rounded())
        var fraction = String(abs(scaled) % 10_000)
        fraction = String(repeating: "0", count: 4 - fraction.count) + fraction
        while fraction.count > 1, fraction.last == "0" { fraction.removeLast() }
        return "\(scaled < 0 ? "-" : "")\(abs(scaled) / 10_000).\(fraction)"
    }
}

extension ConnectionReport {
    /// As `stat` prints it, without the closing parenthesis.
    var briefText: String {
        " /\(remote)[\(String(interest, radix: 16))](queued=\(queued),recved=\(received),sent=\(sent)"
    }

    /// As `cons` prints it, without the closing parenthesis.
    var fullText: String {
        guard let session, session.id != 0 else { return briefText }
        var text = briefText + ",sid=\(hexadecimal(session.id)),lop=\(session.lastOperation)"
        text += ",est=\(session.establishedMs),to=\(session.timeoutMs)"
        if session.lastXid >= 0 { text += ",lcxid=\(hexadecimal(session.lastXid))" }
        text += ",lzxid=\(hexadecimal(session.lastZxid)),lresp=\(session.lastResponseMs)"
        text += ",llat=\(session.lastLatencyMs),minlat=\(session.latency.minMs)"
        let average = session.latency.count == 0 ? 0 : session.latency.sumMs / session.latency.count
        return text + ",avglat=\(average),maxlat=\(session.latency.maxMs)"
    }
}

/// `0x` and lower-case digits; negative numbers as 64 bits.
func hexadecimal(_ value: Int64) -> String { "0x" + String(UInt64(bitPattern: value), radix: 16) }
