// Options that 'compare', 'grow', 'scale' and 'promptness' share, and the laboratory they describe.
import ArgumentParser
import Foundation

struct LabOptions: ParsableArguments {
    @Option(help: "The Meerkat server to measure (default: the one beside this program).")
    var meerkat: String?

    @Option(help: "Measurements of each kind, taken turn by turn.")
    var rounds = 5

    @Option(help: "Seconds of each measurement.")
    var seconds = 3.0

    @Option(help: "Event loops that serve clients in each Meerkat server under test.")
    var clientWorkers = 1

    @Option(help: "Where data directories are made; they are removed in the end (default: the system's for such).")
    var directory: String?

    @Option(help: "Also write the result to this file, as JSON.")
    var json: String?

    @Option(help: "Also write the result to this file, as Markdown.")
    var markdown: String?

    func validate() throws {
        try TargetOptions.require(rounds, in: 1...1000, "--rounds")
        try TargetOptions.require(seconds, in: 0.1...3600, "--seconds")
        try TargetOptions.require(clientWorkers, in: 1...64, "--client-workers")
        guard FileManager.default.isExecutableFile(atPath: meerkatPath) else {
            throw ValidationError(
                "\(meerkatPath) is missing; 'swift build -c release --product meerkat' makes it, --meerkat names another"
            )
        }
    }

    private var meerkatPath: String {
        guard let meerkat else { return Programs.meerkatBesideOwn }
        return URL(fileURLWithPath: meerkat).path
    }

    /// Lines of zoo.cfg for Meerkat's servers.
    var meerkatSettings: [String] { ["clientWorkers=\(clientWorkers)"] }

    /// Runs `body` with a directory of its own, removed afterwards whatever happens.
    func withLab(javaHeap: String = "1g", _ body: (LoadRunner) throws -> Void) throws {
        Interruption.catchSignals()
        let parent = directory ?? NSTemporaryDirectory()
        let lab = (parent as NSString).appendingPathComponent("loadtest-\(UInt64.random(in: .min ... .max))")
        do {
            try FileManager.default.createDirectory(atPath: lab, withIntermediateDirectories: true)
        } catch {
            throw LabError("cannot make \(lab): \(error.localizedDescription)")
        }
        defer { try? FileManager.default.removeItem(atPath: lab) }
        try body(LoadRunner(programs: Programs(meerkat: meerkatPath, javaHeap: javaHeap), directory: lab))
    }

    func publish(text: String, json data: () throws -> Data, markdown page: String) throws {
        print(text)
        if let json { try write(data(), to: json) }
        if let markdown { try write(Data(page.utf8), to: markdown) }
    }

    private func write(_ data: Data, to path: String) throws {
        do {
            try data.write(to: URL(fileURLWithPath: path))
        } catch {
            throw LabError("cannot write \(path): \(error.localizedDescription)")
        }
    }
}

/// A line about what happens now, on standard error so that results stand alone on standard output.
func note(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
