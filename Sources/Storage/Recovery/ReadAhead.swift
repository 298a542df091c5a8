// Whether recovery reads files before their content is asked for. Storage starts no threads: whoever has one to spare
// brings it.

/// A way to have pieces made before they are taken.
public protocol ReadAhead: Sendable {
    /// What `make` gives, in its order, up to its first nil or error, behind which nothing may be asked for.
    ///
    /// `make` may run on another thread, a bounded number of pieces ahead: what it captures belongs to it until the end
    /// or the error has been taken, or the function returned here is dropped.
    func pieces<Piece, Failure>(
        _ make: @escaping () throws(Failure) -> Piece?
    ) -> () throws(Failure) -> Piece?
}

/// Each piece is made when it is asked for.
public struct NoReadAhead: ReadAhead {
    public init() {}

    public func pieces<Piece, Failure>(
        _ make: @escaping () throws(Failure) -> Piece?
    ) -> () throws(Failure) -> Piece? { make }
}
