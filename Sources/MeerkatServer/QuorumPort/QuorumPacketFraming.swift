// Finds where a quorum packet ends. Packets follow each other on the stream with nothing around them, so their own
// lengths are all there is; no bytes are trusted before those are within bounds.

import Jute

enum QuorumPacketFraming {
    /// The number of bytes of the packet at the front of `bytes`; nil when it is not complete yet.
    ///
    /// - Throws: when the packet announces a part longer than `maximumLength`, or no packet could begin like this.
    static func length(of bytes: RawSpan, maximumLength: Int) throws(JuteError) -> Int? {
        var decoder = JuteDecoder(bytes)
        do throws(JuteError) {
            try decoder.skip(4 + 8)
            try skipBuffer(&decoder, maximumLength)
            let identities = try decoder.readInt32()
            if identities < -1 || Int(identities) > maximumLength { throw JuteError.lengthOutOfBounds(identities) }
            for _ in 0..<max(0, identities) {
                try skipBuffer(&decoder, maximumLength)
                try skipBuffer(&decoder, maximumLength)
            }
            return decoder.offset
        } catch {
            if error == .truncated { return nil }
            throw error
        }
    }

    @_lifetime(decoder: copy decoder)
    private static func skipBuffer(_ decoder: inout JuteDecoder, _ maximumLength: Int) throws(JuteError) {
        let length = try decoder.readInt32()
        if length == -1 { return }
        if length < 0 || Int(length) > maximumLength { throw .lengthOutOfBounds(length) }
        try decoder.skip(Int(length))
    }
}
