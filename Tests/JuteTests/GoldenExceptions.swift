// The recorded client frames that do not come back as the same bytes, by file and line, each with its reason.
// The list can only shrink: an entry whose frame does come back, or that names no frame, fails the golden test.

import Jute

/// What becomes of a recorded frame that is decoded and encoded again.
enum GoldenOutcome: Equatable {
    case same
    /// It decodes, but what is encoded differs.
    case other
    case refused(JuteError)
}

struct GoldenException {
    var outcome: GoldenOutcome
    var reason: String

    static func refused(_ error: JuteError, _ reason: String) -> GoldenException {
        GoldenException(outcome: .refused(error), reason: reason)
    }

    static func other(_ reason: String) -> GoldenException { GoldenException(outcome: .other, reason: reason) }
}

let clientExceptions: [String: GoldenException] = [
    "client/connect_truncated.jsonl:1": .refused(.truncated, "connect request of 12 bytes"),
    "client/errors_other.jsonl:77": .refused(.truncated, "getData whose path is cut in its length"),
    "client/errors_other.jsonl:79": .refused(.truncated, "setData that ends after the path"),
    "client/errors_other.jsonl:81": .refused(.truncated, "create that ends in the length of its data"),
    "client/errors_other.jsonl:83": .refused(.truncated, "exists whose path announces 1000 bytes and has two"),
    "client/errors_other.jsonl:85": .other("getData with a watch flag of 2: true, and encoded as 1"),
    "client/errors_other.jsonl:87": .other("getData with bytes behind it, which are ignored"),
    "client/frame_length_boundary.jsonl:3": .refused(.truncated, "empty frame where a request header is due"),
    "client/frame_length_boundary.jsonl:8": .refused(.truncated, "frame of half a request header"),
    "client/frame_oversize.jsonl:3": .refused(.lengthOutOfBounds(1_048_576), "frame one byte too long"),
    "client/frame_oversize.jsonl:8": .refused(.lengthOutOfBounds(-1), "frame of negative length"),
    "client/frame_oversize.jsonl:11": .refused(.lengthOutOfBounds(.max), "four bytes that announce 2 GiB"),
    "client/multi_malformed.jsonl:5": .refused(.unknownValue(4), "multi with a getData behind a create"),
    "client/multi_malformed.jsonl:7": .refused(.unknownValue(9), "multi with a sync"),
    "client/multi_malformed.jsonl:11": .refused(.truncated, "multi without its end"),
    "client/v3.8.0/multi_malformed.jsonl:5": .refused(.unknownValue(4), "multi with a getData behind a create"),
    "client/v3.8.0/multi_malformed.jsonl:7": .refused(.unknownValue(9), "multi with a sync"),
    "client/v3.8.0/multi_malformed.jsonl:11": .refused(.truncated, "multi without its end"),
]
