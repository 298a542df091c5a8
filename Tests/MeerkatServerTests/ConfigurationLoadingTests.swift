// From a directory with zoo.cfg and myid to a server's configuration: defaults, rules, warnings, refusals.
import Glibc
import MeerkatServer
import Testing

/// A directory that goes away with the test.
private final class Directory {
    let path: String

    init() {
        var template = Array("/tmp/meerkat-configuration-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { preconditionFailure("mkdtemp failed: errno \(errno)") }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    func write(_ name: String, _ text: String) -> String {
        let file = path + "/" + name
        guard let stream = fopen(file, "w") else { preconditionFailure("cannot write \(file)") }
        fputs(text, stream)
        fclose(stream)
        return file
    }

    deinit {
        for name in ["zoo.cfg", "myid", "zoo.cfg.dynamic.100000000"] { unlink(path + "/" + name) }
        rmdir(path)
    }
}

private let three = """
    server.1=a:2888:3888
    server.2=b:2888:3888
    server.3=c:2888:3888
    server.4=d:2888:3888:observer;127.0.0.1:2184
    initLimit=10
    syncLimit=5

    """

@Suite struct ConfigurationLoadingTests {
    private let directory = Directory()

    private func load(
        _ text: String, myid: String? = nil, properties: [String] = []
    ) throws(ConfigurationError) -> ServerConfiguration {
        if let myid { _ = directory.write("myid", myid) }
        let file = directory.write("zoo.cfg", "dataDir=\(directory.path)\n" + text)
        return try ServerConfiguration.load(path: file, properties: properties, cores: 8)
    }

    private func problems(_ text: String, myid: String? = nil, properties: [String] = []) -> [String] {
        do {
            _ = try load(text, myid: myid, properties: properties)
            return []
        } catch {
            let place = directory.path + "/"
            return error.problems.map { $0.description.replacing(place, with: "") }
        }
    }

    @Test func standaloneWithDefaults() throws {
        let server = try load("clientPort=2181\n")
        #expect(server.isStandalone)
        #expect(server.clientAddress == ClientAddress(host: "0.0.0.0", port: 2181))
        #expect((server.serverID, server.sessionServerID, server.reportedServerID) == (1, 1, 0))
        #expect((server.minSessionTimeoutMs, server.maxSessionTimeoutMs) == (6000, 60_000))
        #expect(server.clientWorkers == 1)
        #expect(server.maxRecordBytes == 2 * 0xFFFFF)
        #expect(server.storage.effectiveLogDirectory == directory.path)
        #expect(server.warnings == [])
    }

    @Test func voterAndObserverOfOneEnsemble() throws {
        let voter = try load(three + "clientPort=2181\n", myid: "2\n")
        #expect((voter.serverID, voter.role, voter.clientWorkers) == (2, .participant, 1))
        #expect(!voter.isStandalone)
        #expect(voter.initLimitMs == 30_000)
        let observer = try load(three + "peerType=participant\n", myid: " 4 \nrest")
        #expect((observer.role, observer.quorum.role, observer.clientWorkers) == (.observer, .observer, 8))
        #expect(observer.clientAddress == ClientAddress(host: "127.0.0.1", port: 2184))
        #expect(observer.warnings.map(\.key) == ["peerType"])
    }

    @Test func oneListedVoterIsStandaloneUnlessForbidden() throws {
        let alone = try load("server.5=a:1:2;127.0.0.1:2185\n")
        #expect((alone.isStandalone, alone.serverID, alone.reportedServerID) == (true, 5, 0))
        #expect(alone.clientAddress.port == 2185)
        let quorum = try load(
            "server.5=a:1:2;2185\nstandaloneEnabled=false\ninitLimit=5\nsyncLimit=5\n", myid: "5")
        #expect(!quorum.isStandalone)
        #expect(problems("server.1=a:1:2\nserver.2=b:1:2:observer\nclientPort=1\n").count == 1)
    }

    @Test func everyProblemNamesItsPlace() {
        #expect(
            problems("tickTime=fast\nclientPort=99999\nforceSync=true\npeerType=voter\nserver.1=a:1\n") == [
                "zoo.cfg:2: tickTime=fast: expected a whole number from 1 to 2147483647",
                "zoo.cfg:3: clientPort=99999: expected a whole number from 0 to 65535",
                "zoo.cfg:4: forceSync=true: expected yes or no",
                "zoo.cfg:5: peerType=voter: expected participant or observer",
                "zoo.cfg:6: server.1=a:1: expected host:quorumPort:electionPort[:role][;[clientHost:]clientPort]",
            ])
        #expect(problems("minSessionTimeout=9\nmaxSessionTimeout=8\nclientPort=1\n").count == 1)
        #expect(problems("") == ["zoo.cfg: clientPort: is required"])
        #expect(problems("clientPort=1\nserver.1=a|b:1:2\n").count == 1)
    }

    @Test func identityIsChecked() {
        let cfg = three + "clientPort=2181\n"
        #expect(problems(cfg) == ["myid: the id of this server cannot be read: No such file or directory"])
        #expect(
            problems(cfg, myid: "one") == [
                "myid: expected a server id from 0 to 255 in the first line, not \"one\""
            ])
        #expect(problems(cfg, myid: "7") == ["myid: id 7 has no server.7 line in zoo.cfg"])
        #expect(
            problems(cfg, myid: "4") == [
                "zoo.cfg:8: clientPort=2181: 0.0.0.0:2181 differs from 127.0.0.1:2184 in the line of server 4"
            ])
        #expect(
            problems("server.1=a:1:2\nserver.2=a:3:4\nclientPort=1\n", myid: "1") == [
                "zoo.cfg: initLimit: is required in an ensemble", "zoo.cfg: syncLimit: is required in an ensemble",
            ])
    }

    @Test(arguments: [
        "sslQuorum=true", "secureClientPort=2281", "quorum.auth.serverRequireSasl=true",
        "sessionRequireClientSASLAuth=true", "enforce.auth.enabled=true", "authProvider.1=org.example.Provider",
        "reconfigEnabled=true", "audit.enable=true", "admin.needClientAuth=true",
    ])
    func settingsThatPromiseSafetyAreRefused(_ line: String) {
        #expect(problems("clientPort=1\n\(line)\n").count == 1)
        #expect(problems("clientPort=1\n", properties: ["-Dzookeeper.enforce.auth.enabled=true"]).count == 1)
    }

    @Test(arguments: [
        "observerMasterPort=2191", "readonlymode.enabled=true", "nio.numWorkerThreads=4", "colour=blue",
        "zookeeper.snapCount=5", "commitLogCount=10", "clientPort=1", "ssl.keyStore.location=/k",
        "metricsProvider.className=X",
    ])
    func settingsWithoutEffectAreWarnedAbout(_ line: String) throws {
        let server = try load("clientPort=2\n\(line)\n")
        #expect(server.warnings.count == 1, "\(server.warnings)")
        #expect(server.quorum.commitLogCount == 500)
    }

    @Test func defaultsOfUnsupportedKeysAreSilent() throws {
        let server = try load("clientPort=2\nsslQuorum=false\nreconfigEnabled=FALSE\nelectionAlg=3\n")
        #expect(server.warnings == [])
    }

    @Test func theFileOverridesProperties() throws {
        let server = try load(
            "clientPort=2\nsnapCount=7\n",
            properties: ["-Dzookeeper.snapCount=9", "jute.maxbuffer=0x1000", "-Dzookeeper.tickTime=5"])
        #expect(server.storage.snapshotCount == 7)
        #expect(server.clientPort.maxFrameBytes == 4096)
        #expect(server.warnings.map(\.key) == ["-Dzookeeper.tickTime"])
        #expect(
            problems("clientPort=2\n", properties: ["-Dzookeeper.snapCount=x"]) == [
                "command line: -Dzookeeper.snapCount=x: expected a whole number, at least 2"
            ])
    }

    @Test func membershipMayStandInADynamicFile() throws {
        let file = directory.write("zoo.cfg.dynamic.100000000", "server.1=a:1:2;2181\nserver.2=a:3:4;2182")
        let cfg = "initLimit=5\nsyncLimit=2\ndynamicConfigFile=\(file)\n"
        let server = try load(cfg, myid: "2")
        #expect(server.ensemble.version == 0x1_0000_0000)
        #expect(server.clientAddress.port == 2182)
        #expect(problems(cfg + "server.3=a:5:6\n", myid: "2").count == 1)
    }

    @Test func secretsStayOutOfMessages() throws {
        #expect(
            problems("clientPort=1\nssl.keyStore.password=hunter2\nDigestAuthenticationProvider.superDigest=\n")
                .allSatisfy { !$0.contains("hunter2") })
    }

    @Test func theTableIsSound() {
        let names = SettingTable.all.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(SettingTable.setting(key: "nio.sessionlessCnxnTimeout")?.status == .supported)
        #expect(SettingTable.setting(key: "tickTime")?.defaultText == "3000")
        #expect(SettingTable.markdown.contains("| `snapCount` | 100000 | a whole number, at least 2 | local |"))
    }

    /// What the launcher starts must load, and without a warning.
    @Test(arguments: [
        ("one-voter/1", 1), ("three-voters-two-observers/1", 1), ("three-voters-two-observers/4", 4),
        ("apache-with-meerkat-observers/5", 5),
    ])
    func exampleTopologiesLoad(_ example: String, _ id: Int64) throws {
        let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let template = try ZooCfg(contentsOf: "\(root)/topology/examples/\(example).meerkat.cfg")
        var next = 20_000
        let lines = template.entries.filter { $0.key != "dataDir" }.map { entry in
            var value = entry.value
            while let start = value.firstRange(of: "${"), let end = value.firstIndex(of: "}") {
                next += 1
                value.replaceSubrange(start.lowerBound...end, with: String(next))
            }
            return "\(entry.key)=\(value)\n"
        }
        let server = try load(lines.joined(), myid: String(id))
        #expect(server.warnings == [])
        #expect(server.serverID == id)
        #expect(server.role == (id > 3 ? .observer : .participant))
        #expect(server.clientAddress.host == "127.0.0.1")
    }
}
