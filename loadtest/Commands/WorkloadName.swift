// The workloads by the names they have on the command line. Separate: reports ask for them, too.
import ArgumentParser

enum WorkloadName: String, CaseIterable, ExpressibleByArgument {
    case get, exists, children, set, mixed, watch, storm, idle, churn, herd, failover

    /// Changes follow each other at the workload's own pace, which `--rate` limits.
    var pacesItself: Bool { self == .watch || self == .storm }
    /// `--rate` says how many operations per second are due.
    var takesRate: Bool { self != .idle && self != .churn && self != .herd }

    static let explanation = """
        Workloads:
          get, exists  read znodes
          children     list groups of 100 znodes
          set          write znodes
          mixed        read and write in one session (--read-percent)
          watch        one session changes znodes, all others watch them (--watch-kind, --watched, --changes);
                       the next change is made when all have been told of the last
          storm        the same with data watches; each watcher reads the new value at once, and that is timed
          idle         only ping; see the server's memory
          churn        connect, read a little, close, again
          herd         every connection breaks at once, and all sessions come back (--break-by,
                       --watches-per-session)
          failover     readers and writers at a steady rate (--writers, --rate) while you end a server; afterwards
                       every acknowledged write is looked for
        All but idle, churn without reads, and herd without watches need 'loadtest prepare' with the same --znodes and
        --value-bytes.

        Watch kinds: data (getData), exist (exists on an absent child), child (getChildren), persistent and
        persistent-recursive (addWatch). The first three are set again after each event. Recursive watches and the
        kinds about children see one child come and go.
        """
}

enum KeyDistributionName: String, CaseIterable, ExpressibleByArgument {
    case uniform, zipf, hot
}

/// Who breaks the connections of a herd.
enum BreakCause: String, CaseIterable, ExpressibleByArgument {
    case generator, server
}

extension CheckDepth: ExpressibleByArgument {}
extension WatchKind: ExpressibleByArgument {}
