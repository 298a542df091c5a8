// An ensemble seen from another side than its first observer: clients here, processor time there.

/// A running ensemble with the load and the measurement where they are wanted. The ensemble is its owner's to stop.
final class EnsembleView: Contestant {
    private let ensemble: Ensemble
    private let asked: [Member]
    private let measured: [Member]

    init(_ ensemble: Ensemble, asked: [Member], measured: [Member]) {
        self.ensemble = ensemble
        self.asked = asked
        self.measured = measured
    }

    var software: Software { ensemble.software }
    var address: String { asked.map(\.address).joined(separator: ",") }
    var measuredPIDs: [Int32] { measured.map(\.pid) }
    var allPIDs: [Int32] { ensemble.allPIDs }

    func prepare(_ shape: KeyspaceShape) throws { try ensemble.prepare(shape) }

    func restart() throws {
        for member in measured {
            member.stop()
            try member.start()
        }
        for member in measured { try member.waitUntilServing() }
    }

    func stop() {}
}
