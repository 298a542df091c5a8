// The way from client workers to the replica loop. Separate so that a worker can be tested against any replica.
public import Replica

/// Where client workers leave their inputs. Called on worker threads.
public protocol ReplicaInbox: Sendable {
    /// Takes the whole batch in order, or nothing: false means full, and the worker tries again later.
    func post(_ inputs: [ClientInput]) -> Bool
}
