// The lock of values that several threads share. Separate because the thread sanitizer needs one that it can see.
#if THREAD_SANITIZER
    import Glibc

    /// Stands in for `Synchronization.Mutex`, whose work is done inside the runtime, where the sanitizer sees nothing.
    @safe
    public struct Guarded<Value>: ~Copyable, @unchecked Sendable {
        private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
        private let value = UnsafeMutablePointer<Value>.allocate(capacity: 1)

        public init(_ initial: consuming sending Value) {
            unsafe value.initialize(to: initial)
            unsafe mutex.initialize(to: pthread_mutex_t())
            unsafe pthread_mutex_init(mutex, nil)
        }

        deinit {
            unsafe pthread_mutex_destroy(mutex)
            unsafe mutex.deallocate()
            unsafe value.deinitialize(count: 1)
            unsafe value.deallocate()
        }

        public func withLock<Result, Failure: Error>(
            _ body: (inout sending Value) throws(Failure) -> sending Result
        ) throws(Failure) -> sending Result {
            unsafe pthread_mutex_lock(mutex)
            defer { unsafe pthread_mutex_unlock(mutex) }
            return try unsafe body(&value.pointee)
        }
    }
#else
    public import Synchronization

    public typealias Guarded<Value> = Mutex<Value>
#endif
