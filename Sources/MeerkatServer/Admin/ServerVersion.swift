// The version text every tool reads, stated once.

/// What this server calls itself.
public enum ServerVersion {
    /// The release of ZooKeeper whose behaviour is matched. Clients choose features by it.
    public static let release = "3.9.4"

    /// `release-<40 hex digits>, built on YYYY-MM-DD HH:MM UTC`: clients and dashboards take it apart by this shape.
    /// The digits spell `meerkat` in ASCII, so that a person can tell the two servers apart.
    public static let text = "\(release)-6d6565726b617400000000000000000000000000, built on 2026-01-01 00:00 UTC"
}
