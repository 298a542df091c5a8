// How many descriptors this process may have. Separate because the swarm and the reference servers both need all.
import Glibc

enum DescriptorLimit {
    /// Raises the soft limit to the hard one and returns what is in force.
    @discardableResult static func raise() -> Int {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard unsafe getrlimit(resource, &limit) == 0 else { return 1024 }
        let before = limit.rlim_cur
        limit.rlim_cur = limit.rlim_max
        let isRaised = unsafe setrlimit(resource, &limit) == 0
        return Int(clamping: isRaised ? limit.rlim_max : before)
    }
}
