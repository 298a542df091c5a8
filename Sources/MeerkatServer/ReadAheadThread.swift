// Recovery on two threads: one reads and checks, the other builds the tree.

import Libevent
public import Storage

/// Has pieces made by a thread of their own, which ends with them.
public struct ReadAheadThread: ReadAhead {
    /// The maker waits when so many pieces have not been taken. As many more may be in the taker's hands.
    private static let piecesAhead = 6

    public init() {}

    public func pieces<Piece, Failure>(
        _ make: @escaping () throws(Failure) -> Piece?
    ) -> () throws(Failure) -> Piece? {
        PieceThread(piecesAhead: Self.piecesAhead, make).next
    }
}

/// Makes pieces until the last one is made or nobody wants them any more.
private final class PieceThread<Piece, Failure: Error> {
    private typealias Outcome = Handover<Result<Piece?, Failure>>

    private let queue: BlockingMailbox<Outcome>
    private let thread: NamedThread
    private var taken: ArraySlice<Outcome> = []

    init(piecesAhead: Int, _ make: @escaping () throws(Failure) -> Piece?) {
        let queue = BlockingMailbox<Outcome>(capacity: piecesAhead)
        let make = Handover(value: make)
        self.queue = queue
        thread = NamedThread(name: "reading") {
            var isLast = false
            while !isLast {
                let outcome: Result<Piece?, Failure>
                do throws(Failure) {
                    let piece = try make.value()
                    isLast = piece == nil
                    outcome = .success(piece)
                } catch {
                    isLast = true
                    outcome = .failure(error)
                }
                if !queue.postWaiting(Outcome(value: outcome)) { return }
            }
        }
    }

    deinit {
        queue.close()
        thread.join()
    }

    func next() throws(Failure) -> Piece? {
        if taken.isEmpty { taken = queue.takeAll()?[...] ?? [] }
        guard let outcome = taken.popFirst() else { preconditionFailure("a piece asked for behind the last one") }
        return try outcome.value.get()
    }
}
