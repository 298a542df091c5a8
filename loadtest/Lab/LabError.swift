// Why a comparison stops, and the one reason that comes from outside.
import Glibc
import Synchronization

/// What went wrong, in words for a person.
struct LabError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// SIGINT and SIGTERM, noticed between steps instead of ending the process at once, so that servers are ended and
/// directories removed on the way out.
enum Interruption {
    private static let isAsked = Atomic<Bool>(false)

    /// A signal has come.
    static var hasCome: Bool { isAsked.load(ordering: .relaxed) }

    /// From here on the signals are only remembered.
    static func catchSignals() {
        for number in [SIGINT, SIGTERM] {
            signal(number) { _ in Interruption.isAsked.store(true, ordering: .relaxed) }
        }
    }

    /// - Throws: when a signal has come.
    static func check() throws(LabError) {
        if hasCome { throw LabError("interrupted") }
    }
}
