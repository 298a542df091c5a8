// The first half of preparing: bytes to a request. What fails here never gets a zxid.

import Jute

extension TxnPreparer {
    /// A request that was readable.
    enum Decoded {
        /// create, create2 or createContainer.
        case create(OpCode, CreateRequest)
        case createTTL(CreateTTLRequest)
        case operation(Operation)
        /// nil: malformed in a way that uses up a zxid.
        case multi(MultiWrite?)
        case createSession
        case closeSession
        case reconfig

        /// - Throws: `marshallingError`, or `unimplemented` for numbers that are no write.
        init(_ request: WriteRequest) throws(ErrorCode) {
            guard let opCode = OpCode(rawValue: request.opCode) else { throw .unimplemented }
            do throws(JuteError) {
                switch opCode {
                case .create, .create2, .createContainer: self = .create(opCode, try Self.read(request))
                case .createTTL: self = .createTTL(try Self.read(request))
                case .delete: self = .operation(.delete(try Self.read(request)))
                case .deleteContainer:
                    let delete: DeleteContainerRequest = try Self.read(request)
                    self = .operation(.deleteContainer(delete.path))
                case .setData: self = .operation(.setData(try Self.read(request)))
                case .setACL: self = .operation(.setACL(try Self.read(request)))
                case .createSession: self = .createSession
                case .closeSession: self = .closeSession
                case .reconfig:
                    let _: ReconfigRequest = try Self.read(request)
                    self = .reconfig
                case .multi:
                    guard let multi = Self.multi(request.body) else { throw .unexpectedNull }
                    self = .multi(multi)
                case .notification, .exists, .getData, .getACL, .getChildren, .sync, .ping, .getChildren2, .check,
                    .checkWatches, .removeWatches, .multiRead, .auth, .setWatches, .sasl, .getEphemerals,
                    .getAllChildrenNumber, .setWatches2, .addWatch, .whoAmI, .error:
                    throw .unknownValue(request.opCode)
                }
            } catch .unknownValue {
                throw .unimplemented
            } catch {
                throw .marshallingError
            }
        }

        private static func read<Record: JuteRecord>(_ request: WriteRequest) throws(JuteError) -> Record {
            try Record(decoding: request.body)
        }

        /// Outer nil: a null list, which uses no zxid. Inner nil: otherwise malformed.
        private static func multi(_ body: [UInt8]) -> MultiWrite?? {
            do throws(MultiWrite.Failure) {
                return .some(.some(try MultiWrite(decoding: body)))
            } catch {
                return error == .nullACL ? .none : .some(.none)
            }
        }
    }
}
