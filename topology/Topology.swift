import ArgumentParser

@main
struct Topology: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "A coordination server speaking Apache ZooKeeper's protocols.")
}
