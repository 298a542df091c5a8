// What is logged, and how the lines look.

import ArgumentParser
import Logging

struct LoggingOptions: ParsableArguments {
    @Option(
        help: "The least level that is logged: trace, debug, info, notice, warning, error, critical.",
        transform: { text in
            guard let level = Logger.Level(rawValue: text) else { throw ValidationError("no log level '\(text)'") }
            return level
        })
    var logLevel = Logger.Level.info

    /// Logs go to standard error, one line each.
    func makeLogger() -> Logger {
        LoggingSystem.bootstrap(StreamLogHandler.standardError)
        var logger = Logger(label: "meerkat")
        logger.logLevel = logLevel
        return logger
    }
}
