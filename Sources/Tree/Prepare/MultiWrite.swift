// The body of a multi: its operations in order. Read by the leader, which prepares them, and again by the server
// that holds the request, which must answer each operation in the form it was asked.

public import Jute

/// A decoded multi of writes: the form of `Jute.MultiRequest` with its flags and lists judged.
public struct MultiWrite: Equatable, Sendable {
    public enum Operation: Equatable, Sendable {
        case create(CreateOperation)
        case delete(DeleteRequest)
        case setData(SetDataRequest)
        case check(CheckVersionRequest)
    }

    public enum Failure: Error, Equatable, Sendable {
        /// Answered with `marshallingError` under a zxid of its own.
        case malformed
        /// A create with a null access control list: `marshallingError` too, but no zxid is used.
        case nullACL
    }

    public private(set) var operations: [Operation] = []

    public init(decoding body: [UInt8]) throws(Failure) {
        var decoder = JuteDecoder(body.span)
        do {
            var header = try decoder.read(MultiHeader.self)
            while !header.done {
                operations.append(try Self.operation(header.type, &decoder))
                header = try decoder.read(MultiHeader.self)
            }
        } catch let failure as Failure {
            throw failure
        } catch {
            throw .malformed
        }
    }

    private static func operation(_ type: Int32, _ decoder: inout JuteDecoder) throws -> Operation {
        switch OpCode(rawValue: type) {
        case .create: try create(.create, CreateRequest(from: &decoder))
        case .create2: try create(.create2, CreateRequest(from: &decoder))
        case .createContainer: try create(.createContainer, CreateRequest(from: &decoder))
        case .createTTL: try createTTL(CreateTTLRequest(from: &decoder))
        case .delete: .delete(try DeleteRequest(from: &decoder))
        case .setData: .setData(try SetDataRequest(from: &decoder))
        case .check: .check(try CheckVersionRequest(from: &decoder))
        default: throw Failure.malformed
        }
    }

    /// Inside a multi the flags decide what is created, not the operation's number: a container for 4, a plain node
    /// for 0 to 3. Flags nobody knows, and those of TTL nodes, spoil the whole request.
    private static func create(_ opCode: OpCode, _ request: CreateRequest) throws(Failure) -> Operation {
        guard let mode = CreateMode(rawValue: request.flags), !mode.hasTTL else { throw .malformed }
        let kind: CreateOperation.Kind =
            if mode == .container { .container } else if opCode == .create2 { .plainWithStat } else { .plain }
        return .create(try CreateOperation(kind, mode, request.path, request.data, nonNull(request.acl)))
    }

    private static func createTTL(_ request: CreateTTLRequest) throws(Failure) -> Operation {
        guard let mode = CreateMode(rawValue: request.flags) else { throw .malformed }
        let kind: CreateOperation.Kind =
            if mode.hasTTL { .ttl(request.ttl) } else if mode == .container { .container } else { .plain }
        return .create(try CreateOperation(kind, mode, request.path, request.data, nonNull(request.acl)))
    }

    private static func nonNull(_ acl: [ACL]?) throws(Failure) -> [ACL] {
        guard let acl else { throw .nullACL }
        return acl
    }

    /// The types under which the results of success are reported, in order: 15 wherever a Stat is sent.
    public var resultTypes: [OpCode] {
        operations.map { operation in
            switch operation {
            case .create(let create): create.kind == .plain ? .create : .create2
            case .delete: .delete
            case .setData: .setData
            case .check: .check
            }
        }
    }

    /// Whether a local session must become global before this multi.
    public var createsEphemerals: Bool {
        operations.contains { operation in
            if case .create(let create) = operation { create.mode.isEphemeral } else { false }
        }
    }
}

/// One create, whatever request it came in.
public struct CreateOperation: Equatable, Sendable {
    public enum Kind: Equatable, Sendable {
        /// create.
        case plain
        /// create2: as create, with a Stat in the reply.
        case plainWithStat
        case container
        /// createTTL; milliseconds.
        case ttl(Int64)
    }

    public var kind: Kind
    public var mode: CreateMode
    public var path: UString
    public var data: [UInt8]?
    public var acl: [ACL]?

    init(_ kind: Kind, _ mode: CreateMode, _ path: UString, _ data: [UInt8]?, _ acl: [ACL]?) {
        self.kind = kind
        self.mode = mode
        self.path = path
        self.data = data
        self.acl = acl
    }
}
