// The bodies of multi and multiRead: lists whose elements each stand behind a `MultiHeader`. zookeeper.jute has no
// record for them; upstream writes them by hand (ZooKeeper, `MultiOperationRecord` and `MultiResponse`).

/// The request body of multi and multiRead: operations in order, all writes or all reads.
///
/// Only the form is checked here. Paths, flags and access control lists are judged by whoever serves the request.
public struct MultiRequest: JuteRecord, Hashable {
    public enum Operation: Hashable, Sendable {
        case create(CreateRequest)
        case create2(CreateRequest)
        case createContainer(CreateRequest)
        case createTTL(CreateTTLRequest)
        case delete(DeleteRequest)
        case setData(SetDataRequest)
        case check(CheckVersionRequest)
        case getData(GetDataRequest)
        case getChildren(GetChildrenRequest)

        public var opCode: OpCode {
            switch self {
            case .create: .create
            case .create2: .create2
            case .createContainer: .createContainer
            case .createTTL: .createTTL
            case .delete: .delete
            case .setData: .setData
            case .check: .check
            case .getData: .getData
            case .getChildren: .getChildren
            }
        }

        public var isRead: Bool { opCode.kind == .read }
    }

    public var operations: [Operation]

    public init(operations: [Operation]) { self.operations = operations }

    /// Reads up to the header that says done, whatever else that header says. A type that no multi may carry, and a
    /// read beside a write, are an `unknownValue` of that type; a list without its end is `truncated`.
    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        operations = []
        var header = try decoder.read(MultiHeader.self)
        while !header.done {
            let operation = try Operation(type: header.type, from: &decoder)
            if let first = operations.first, first.isRead != operation.isRead { throw .unknownValue(header.type) }
            operations.append(operation)
            header = try decoder.read(MultiHeader.self)
        }
    }

    public func encode(into encoder: inout JuteEncoder) {
        for operation in operations {
            // Clients write -1 for the error of a request.
            encoder.write(MultiHeader(type: operation.opCode.rawValue, done: false, err: ErrorCode(-1)))
            operation.encode(into: &encoder)
        }
        encoder.write(MultiHeader.end)
    }
}

extension MultiRequest.Operation {
    @_lifetime(decoder: copy decoder)
    fileprivate init(type: Int32, from decoder: inout JuteDecoder) throws(JuteError) {
        switch OpCode(rawValue: type) {
        case .create: self = .create(try decoder.read())
        case .create2: self = .create2(try decoder.read())
        case .createContainer: self = .createContainer(try decoder.read())
        case .createTTL: self = .createTTL(try decoder.read())
        case .delete: self = .delete(try decoder.read())
        case .setData: self = .setData(try decoder.read())
        case .check: self = .check(try decoder.read())
        case .getData: self = .getData(try decoder.read())
        case .getChildren: self = .getChildren(try decoder.read())
        default: throw .unknownValue(type)
        }
    }

    fileprivate func encode(into encoder: inout JuteEncoder) {
        switch self {
        case .create(let request), .create2(let request), .createContainer(let request): encoder.write(request)
        case .createTTL(let request): encoder.write(request)
        case .delete(let request): encoder.write(request)
        case .setData(let request): encoder.write(request)
        case .check(let request): encoder.write(request)
        case .getData(let request): encoder.write(request)
        case .getChildren(let request): encoder.write(request)
        }
    }
}

/// The reply body of multi and multiRead: one result for each operation, in order.
///
/// A failed multi has a result `.error` for every operation; a failed multiRead only where an operation failed.
public struct MultiResponse: JuteRecord, Hashable {
    public enum Result: Hashable, Sendable {
        case create(CreateResponse)
        /// Of create2, createContainer and createTTL alike: wherever a Stat is sent.
        case create2(Create2Response)
        case delete
        case setData(SetDataResponse)
        case check
        case getData(GetDataResponse)
        case getChildren(GetChildrenResponse)
        /// `ok` for the operations before the one that failed, `runtimeInconsistency` for those after it.
        case error(ErrorCode)

        /// The type under which the result travels.
        public var opCode: OpCode {
            switch self {
            case .create: .create
            case .create2: .create2
            case .delete: .delete
            case .setData: .setData
            case .check: .check
            case .getData: .getData
            case .getChildren: .getChildren
            case .error: .error
            }
        }
    }

    public var results: [Result]

    public init(results: [Result]) { self.results = results }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        results = []
        var header = try decoder.read(MultiHeader.self)
        while !header.done {
            results.append(try Result(type: header.type, from: &decoder))
            header = try decoder.read(MultiHeader.self)
        }
    }

    public func encode(into encoder: inout JuteEncoder) {
        for result in results {
            var err = ErrorCode.ok
            if case .error(let code) = result { err = code }
            encoder.write(MultiHeader(type: result.opCode.rawValue, done: false, err: err))
            result.encode(into: &encoder)
        }
        encoder.write(MultiHeader.end)
    }
}

extension MultiResponse.Result {
    @_lifetime(decoder: copy decoder)
    fileprivate init(type: Int32, from decoder: inout JuteDecoder) throws(JuteError) {
        switch OpCode(rawValue: type) {
        case .create: self = .create(try decoder.read())
        case .create2: self = .create2(try decoder.read())
        case .delete: self = .delete
        case .setData: self = .setData(try decoder.read())
        case .check: self = .check
        case .getData: self = .getData(try decoder.read())
        case .getChildren: self = .getChildren(try decoder.read())
        case .error: self = .error(try decoder.read(ErrorResponse.self).err)
        default: throw .unknownValue(type)
        }
    }

    fileprivate func encode(into encoder: inout JuteEncoder) {
        switch self {
        case .create(let response): encoder.write(response)
        case .create2(let response): encoder.write(response)
        case .delete, .check: break
        case .setData(let response): encoder.write(response)
        case .getData(let response): encoder.write(response)
        case .getChildren(let response): encoder.write(response)
        case .error(let code): encoder.write(ErrorResponse(err: code))
        }
    }
}
