// The recorded conversations with real servers, read from Tests/Vectors. Shared by the golden and torture suites.

import Foundation

/// One line of a recording that carries bytes.
struct RecordedFrame: Sendable, CustomStringConvertible {
    /// Relative to Tests/Vectors.
    var file: String
    /// From 1.
    var line: Int
    /// The operation of a client frame, or the name of a packet between servers.
    var name: String
    /// `c2s` or `s2c`; nil between servers.
    var direction: String?
    var xid: Int32?
    var zxid: Int64?
    var err: Int32?
    var bytes: [UInt8]

    var place: String { "\(file):\(line)" }
    var description: String { "\(place) \(direction ?? "") \(name)" }
}

enum Recordings {
    /// Frames of the client port; four-letter words are text and left out.
    static let client =
        load("client", suffix: ".jsonl").filter { !$0.name.hasPrefix("4lw:") }
        + load("client/v3.8.0", suffix: ".jsonl")
    /// Packets of the quorum and observer master ports.
    static let quorum = load("quorum", suffix: ".quorum.jsonl") + load("quorum", suffix: ".observermaster.jsonl")
    static let election = load("quorum", suffix: ".election.jsonl")

    private struct Line: Decodable {
        var op: String?
        var packet: String?
        var dir: String?
        var xid: Int32?
        var err: Int32?
        var hex: String?
    }

    private struct ClientLine: Decodable {
        var zxid: Int64?
    }

    private static func load(_ folder: String, suffix: String) -> [RecordedFrame] {
        let vectors = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Vectors/\(folder)")
        do {
            return try FileManager.default.contentsOfDirectory(atPath: vectors.path)
                .filter { $0.hasSuffix(suffix) }
                .sorted()
                .flatMap { try frames(of: vectors.appending(path: $0), named: "\(folder)/\($0)") }
        } catch {
            fatalError("the recordings in \(vectors.path) cannot be read: \(error)")
        }
    }

    private static func frames(of file: URL, named name: String) throws -> [RecordedFrame] {
        let text = try String(contentsOf: file, encoding: .utf8)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let decoder = JSONDecoder()
        return try lines.enumerated().compactMap { index, text in
            if text.isEmpty { return nil }
            let data = Data(text.utf8)
            let line = try decoder.decode(Line.self, from: data)
            guard let hex = line.hex, let label = line.op ?? line.packet else { return nil }
            // Between servers zxids are written in hexadecimal, and nobody compares them.
            let zxid = line.op == nil ? nil : try decoder.decode(ClientLine.self, from: data).zxid
            return RecordedFrame(
                file: name, line: index + 1, name: label, direction: line.dir, xid: line.xid, zxid: zxid,
                err: line.err, bytes: bytes(hex: hex))
        }
    }

    private static func bytes(hex: String) -> [UInt8] {
        func nibble(_ digit: UInt8) -> UInt8 { digit < 0x3a ? digit - 0x30 : digit - 0x57 }
        let digits = Array(hex.utf8)
        precondition(digits.count.isMultiple(of: 2), "odd number of digits")
        return stride(from: 0, to: digits.count, by: 2).map { nibble(digits[$0]) << 4 | nibble(digits[$0 + 1]) }
    }
}
