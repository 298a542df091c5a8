// The few Linux calls and processor hints that Swift cannot name. Everything is inline: nothing is called.
#ifndef CKERNEL_H
#define CKERNEL_H
// No _GNU_SOURCE here: Swift's Glibc module is built without it, and the two must agree on the shape of fd_set.
// The GNU calls used are declared by hand below.
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

extern int accept4(int fd, struct sockaddr *address, socklen_t *length, int flags);
extern int pthread_setname_np(pthread_t thread, const char *name);
extern const char *strerrordesc_np(int code);

/// Asks the processor to bring the cache line at `address` closer, for reading.
static inline void ckernel_prefetch(const void *address) { __builtin_prefetch(address, 0, 3); }

/// A non-blocking counter that wakes an event loop; -1 and errno when descriptors are exhausted.
static inline int ckernel_eventfd(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

/// Makes the counter readable. Failure can only mean that it is readable already.
static inline void ckernel_eventfd_signal(int fd) {
    uint64_t one = 1;
    while (write(fd, &one, sizeof one) < 0 && errno == EINTR) {}
}

/// Makes the counter unreadable until the next signal.
static inline void ckernel_eventfd_clear(int fd) {
    uint64_t ignored;
    while (read(fd, &ignored, sizeof ignored) < 0 && errno == EINTR) {}
}

/// Takes one waiting connection as a non-blocking descriptor and stores the peer; -1 and errno otherwise.
static inline int ckernel_accept(int fd, struct sockaddr_storage *peer) {
    socklen_t length = sizeof *peer;
    return accept4(fd, (struct sockaddr *)peer, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

/// Names the calling thread; the kernel takes at most 15 bytes and ignores a longer name.
static inline void ckernel_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

/// The system's words for an errno, never translated; NULL for an unknown one.
static inline const char *ckernel_error_text(int code) { return strerrordesc_np(code); }

#endif
