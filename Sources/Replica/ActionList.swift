// What a replica has decided, on its way to who performs it. Separate because nothing is copied on this way: an action
// holds several references, and there are five for each write.

/// Actions in the order in which they are to be performed. Its memory is used again.
public struct ActionList {
    private var slots: [Action?] = []
    /// Room for so many actions is kept from one input to the next.
    private static let keptCount = 4096

    public init() {}

    mutating func append(_ action: consuming Action) { slots.append(action) }

    /// Gives `body` each action, front to back, and is empty afterwards.
    public mutating func takeEach(_ body: (consuming Action) -> Void) {
        for index in slots.indices {
            guard let action = slots[index].take() else { preconditionFailure("action \(index) is gone") }
            body(action)
        }
        slots.removeAll(keepingCapacity: slots.count <= Self.keptCount)
    }

    /// All actions; empty afterwards.
    mutating func takeAll() -> [Action] {
        defer { slots = [] }
        return slots.compactMap(\.self)
    }
}
