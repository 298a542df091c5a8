// The password that lets a client re-attach to its session. Derived, not stored: every server of an ensemble,
// Apache's included, derives the same one.

public import Jute

/// Sixteen bytes derived from the session id with the generator of `java.util.Random`
/// (ZooKeeper, `ZooKeeperServer.generatePasswd`).
public enum SessionPassword {
    public static let length = 16
    private static let secret: UInt64 = 0xb341_5c00
    private static let multiplier: UInt64 = 0x5_deec_e66d
    private static let mask: UInt64 = 1 << 48 - 1

    public static func bytes(for session: SessionID) -> [UInt8] {
        var state = (UInt64(bitPattern: session.rawValue) ^ secret ^ multiplier) & mask
        var password: [UInt8] = []
        password.reserveCapacity(length)
        for _ in 0..<length / 4 {
            state = (state &* multiplier &+ 0xb) & mask
            let word = UInt32(truncatingIfNeeded: state >> 16)
            for shift in stride(from: 0, to: 32, by: 8) as StrideTo<UInt32> {
                password.append(UInt8(truncatingIfNeeded: word >> shift))
            }
        }
        return password
    }

    /// Whether `password` opens `session`. Takes the same time whichever byte differs.
    public static func matches(_ password: [UInt8]?, session: SessionID) -> Bool {
        guard session != .none, let password, password.count == length else { return false }
        var difference: UInt8 = 0
        for (given, expected) in zip(password, bytes(for: session)) { difference |= given ^ expected }
        return difference == 0
    }
}
