// A moment in the fixed English form `dump` prints. The C library's would follow the machine's language and zone.

/// A wall-clock moment, printed like `Wed Jan 02 03:04:05 UTC 2030`.
public struct CalendarDate: Equatable, Sendable, CustomStringConvertible {
    /// Since 1970.
    public var milliseconds: Int64

    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    public var description: String {
        let seconds = Self.floorDivide(milliseconds, 1000)
        let day = Self.floorDivide(seconds, 86_400)
        let time = seconds - day * 86_400
        let (year, month, dayOfMonth) = Self.civil(daysSince1970: day)
        let weekday = Int((day % 7 + 11) % 7)  // day 0 was a Thursday
        let clock = [time / 3600, time / 60 % 60, time % 60].map(Self.twoDigits).joined(separator: ":")
        return "\(Self.weekdays[weekday]) \(Self.months[month - 1]) \(Self.twoDigits(Int64(dayOfMonth))) \(clock) UTC "
            + String(year)
    }

    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// Gregorian year, month and day. Counts in eras of 400 years that begin on the first of March, so that the leap
    /// day comes last.
    private static func civil(daysSince1970 days: Int64) -> (year: Int64, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = Int(dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
        let month = Int(shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9)
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
        value / divisor - (value % divisor < 0 ? 1 : 0)
    }

    private static func twoDigits(_ value: Int64) -> String { value < 10 ? "0\(value)" : String(value) }
}
