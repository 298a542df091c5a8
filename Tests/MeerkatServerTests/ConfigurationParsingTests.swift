// The text of zoo.cfg and of server lines: what is accepted, what is refused, and how it is written back.
import MeerkatServer
import Testing

@Suite struct ConfigurationParsingTests {
    private func parse(_ text: String) throws -> [String] {
        try ZooCfg(parsing: Array(text.utf8), file: "zoo.cfg").entries.map { "\($0.line) \($0.key)=\($0.value)" }
    }

    @Test func separatorsAndBlanks() throws {
        #expect(
            try parse("tickTime = 2000\ndataDir:/data/zk\n  dataLogDir /data/log  \nempty\nclientPort=2181     \n")
                == ["1 tickTime=2000", "2 dataDir=/data/zk", "3 dataLogDir=/data/log", "4 empty=", "5 clientPort=2181"])
    }

    @Test func commentsEmptyLinesAndLineEnds() throws {
        #expect(try parse("# a\r\n\r\n ! b\r\na=1\rb=2\n\n#c=3") == ["4 a=1", "5 b=2"])
    }

    @Test func continuationKeepsTheFirstLineNumber() throws {
        #expect(
            try parse("w=stat, ruok, \\\n    conf\nx=1\\\n# not a comment\ny=\\\\\nz=2\\")
                == ["1 w=stat, ruok, conf", "3 x=1# not a comment", "5 y=\\", "6 z=2"])
    }

    @Test func escapes() throws {
        #expect(
            try parse("a\\:b\\=c\\ d=caf\\u00e9 \\ud83d\\ude00\nt=x\\ty\\q")
                == ["1 a:b=c d=café 😀", "2 t=x\tyq"])
        let error = #expect(throws: ConfigurationError.self) { try parse("a=1\nb=\\u00g1\nc=\\u1") }
        #expect(error?.problems.map(\.line) == [2, 3])
    }

    @Test func bytesThatAreNotUTF8AreLatin1() throws {
        let cfg = try ZooCfg(parsing: Array("dataDir=/caf".utf8) + [0xE9], file: "zoo.cfg")
        #expect(cfg["dataDir"]?.value == "/café")
    }

    @Test func theLastDuplicateCounts() throws {
        let cfg = try ZooCfg(parsing: Array("a=1\na=2".utf8), file: "zoo.cfg")
        #expect(cfg["a"]?.value == "2")
        #expect(cfg["b"] == nil)
    }

    @Test func anyBytesParseOrFailTyped() {
        var state: UInt64 = 42
        for _ in 0..<2000 {
            let bytes = (0..<40).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return Array("\\u=: \n\r#0a\u{E9}".utf8)[Int(state >> 33) % 12]
            }
            _ = try? ZooCfg(parsing: bytes, file: "fuzz")
        }
    }

    // MARK: Ensemble text

    @Test(arguments: [
        "server.1=127.0.0.1:32011:32021:participant\nserver.2=b.example:2888:3888:observer;0.0.0.0:2181\nversion=0",
        "server.1=[2001:db8::1]:2888:3888:participant;[::1]:2181\nversion=100000000",
        "server.1=a:1:2:participant\nserver.2=b:1:2:participant\ngroup.1=1\ngroup.2=2\nweight.1=3\nversion=a",
        "server.1=a:1:2|b:1:2:participant;0.0.0.0:2181\nversion=ffffffffffffffff",
    ])
    func canonicalTextRoundTrips(_ text: String) throws {
        #expect(try EnsembleConfiguration(parsing: text).text == text)
    }

    @Test func looseLinesBecomeCanonical() throws {
        let loose = "server.2 = b:2888:3888: OBSERVER ; 2181\nserver.1=z:1:2|a:1:2"
        let configuration = try EnsembleConfiguration(parsing: loose)
        #expect(
            configuration.text
                == "server.1=a:1:2|z:1:2:participant\nserver.2=b:2888:3888:observer;0.0.0.0:2181\nversion=0")
        #expect(configuration.voters.map(\.id) == [1])
        #expect(configuration.observers.map(\.id) == [2])
    }

    @Test(arguments: [
        "", "version=1", "server.1=host:2888", "server.1=h:1:1", "server.1=h:1:2:leader", "server.1=h:1:2;3;4",
        "server.1=h:1:2:participant:x", "server.x=h:1:2", "server.-1=h:1:2", "server.1=:1:2", "server.1=h:0:2",
        "server.1=h:1:70000", "server.1=[::1:1:2", "server.1=h:1:2:observer", "tickTime=1\nserver.1=h:1:2",
        "server.1=h:1:2\nserver.2=h:3:4\ngroup.1=1", "server.1=h:1:2\ngroup.1=1\ngroup.2=1",
        "server.1=h:1:2\nweight.1=1", "server.1=h:1:2\nversion=xyz", "server.1=h:1:2|i:1:2:observer", "server=1",
    ])
    func badEnsembleTextIsRefused(_ text: String) {
        #expect(throws: ConfigurationError.self) { try EnsembleConfiguration(parsing: text) }
    }
}
