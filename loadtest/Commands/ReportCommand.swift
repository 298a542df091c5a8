// 'loadtest report': pages from runs that are over.
import ArgumentParser
import Foundation

struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Make one HTML page of one or several results.",
        discussion:
            "Reads what 'run --json' wrote. The plots of several runs lie over each other, named after the files.")

    @Argument(help: "JSON files of 'run'.")
    var files: [String]

    @Option(help: "Where to write the page.")
    var html: String

    func validate() throws {
        if files.isEmpty { throw ValidationError("no JSON file to read") }
    }

    func run() throws {
        let runs = try files.map { file in
            let label = URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent
            do {
                let data = try Data(contentsOf: URL(fileURLWithPath: file))
                return HTMLReport.Run(label: label, report: try JSONDecoder().decode(Report.self, from: data))
            } catch {
                throw SwarmError("\(file) is not a result of 'loadtest run --json': \(error)")
            }
        }
        try TargetOptions.write(Data(HTMLReport(runs: runs).html.utf8), to: html)
    }
}
