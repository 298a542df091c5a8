// The body of a multiRead. Separate from the worker because it is pure decoding with rules of its own.
import Jute
import Tree

/// A decoded multiRead: getData and getChildren operations, whose watch flags mean nothing here.
struct MultiRead {
    struct Operation {
        let read: ReadOperation
        let path: UString
    }

    enum Failure: Error, Equatable {
        /// Not readable, an operation that does not belong here, or reads and writes mixed.
        case malformed
        /// A list of writes: the reply carries an empty list.
        case onlyWrites
    }

    private(set) var operations: [Operation] = []
    private var hasWrites = false

    init(decoding body: [UInt8]) throws(Failure) {
        do throws(JuteError) {
            var decoder = JuteDecoder(body.span)
            var header = try decoder.read(MultiHeader.self)
            while !header.done {
                try take(header.type, &decoder)
                header = try decoder.read(MultiHeader.self)
            }
        } catch {
            throw .malformed
        }
        if hasWrites { throw operations.isEmpty ? .onlyWrites : .malformed }
    }

    private mutating func take(_ type: Int32, _ decoder: inout JuteDecoder) throws(JuteError) {
        switch OpCode(rawValue: type) {
        case .getData: operations.append(Operation(read: .getData, path: try decoder.read(GetDataRequest.self).path))
        case .getChildren:
            operations.append(Operation(read: .getChildren, path: try decoder.read(GetChildrenRequest.self).path))
        case .create, .create2, .createContainer:
            _ = try decoder.read(CreateRequest.self)
            hasWrites = true
        case .createTTL:
            _ = try decoder.read(CreateTTLRequest.self)
            hasWrites = true
        case .delete, .check:
            _ = try decoder.read(DeleteRequest.self)
            hasWrites = true
        case .setData:
            _ = try decoder.read(SetDataRequest.self)
            hasWrites = true
        default: throw .unknownValue(type)
        }
    }
}
