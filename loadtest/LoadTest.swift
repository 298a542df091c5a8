import ArgumentParser

@main
struct LoadTest: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "A coordination server speaking Apache ZooKeeper's protocols.")
}
