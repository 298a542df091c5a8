// Why some bytes are not the record they should be. Closed set, typed throws, no allocation.

/// A decoding failure. A client's request that fails so is answered with `ErrorCode.marshallingError`;
/// a peer's packet that fails so closes that peer's connection.
public enum JuteError: Error, Equatable, Sendable {
    /// The input ended inside a field.
    case truncated
    /// A buffer, string or vector announced a negative length other than -1, or one above the bound in force.
    case lengthOutOfBounds(Int32)
    /// A field that must be present was null (length -1).
    case unexpectedNull
    /// A field holds a value outside its closed set, such as an unknown transaction type.
    case unknownValue(Int32)
}
