// What a replica has decided, on its way to who performs it. Separate because nothing is copied on this way: an action
// holds several references, and there are five for each write.

/// Actions in the order in which they are to be performed. Its memory is used again.
public struct ActionList {
    /// The first `count` hold an action, the others nil: so an action is moved in and out, and nothing is left to destroy.
    private var slots: [Action?] = []
    private var count = 0
    /// So many slots are kept from one input to the next.
    private static let keptCount = 4096

    public init() {}

    mutating func append(_ action: consuming Action) {
        if count == slots.count { slots.append(action) } else { slots[count] = action }
        count += 1
    }

    /// Gives `body` each action, front to back, and is empty afterwards.
    public mutating func takeEach(_ body: (consuming Action) -> Void) {
        for index in 0..<count {
            guard let action = slots[index].take() else { preconditionFailure("action \(index) is gone") }
            body(action)
        }
        count = 0
        if slots.count > Self.keptCount { slots = [] }
    }

    /// All actions; empty afterwards.
    mutating func takeAll() -> [Action] {
        defer { self = ActionList() }
        return slots.compactMap(\.self)
    }
}
