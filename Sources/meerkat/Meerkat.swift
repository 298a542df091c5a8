import ArgumentParser

@main
struct Meerkat: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "A coordination server speaking Apache ZooKeeper's protocols.")
}
