// The few Linux calls and processor instructions that Swift cannot name. Includes no system header: Swift's Glibc module must
// stay the only owner of their types, or debug and release builds disagree on who declares them.
#ifndef CKERNEL_H
#define CKERNEL_H
#include <stddef.h>

/// Asks the processor to bring the cache line at `address` closer, for reading.
static inline void ckernel_prefetch(const void *address) { __builtin_prefetch(address, 0, 3); }

/// Has the system give the page at `address` its memory. What stands there stays, even if another thread writes it
/// meanwhile: a zero is exchanged for a zero, in one step. Thread sanitizers cannot tell that from a race.
__attribute__((disable_sanitizer_instrumentation))
static inline void ckernel_touch(void *address) {
    volatile unsigned char *byte = address;
    unsigned char zero = 0;
    __atomic_compare_exchange_n(byte, &zero, 0, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

/// A non-blocking counter that wakes an event loop; -1 and errno when descriptors are exhausted.
int ckernel_eventfd(void);

/// Makes the counter readable. Failure can only mean that it is readable already.
void ckernel_eventfd_signal(int fd);

/// Makes the counter unreadable until the next signal.
void ckernel_eventfd_clear(int fd);

/// A non-blocking timer on the monotonic clock; -1 and errno when descriptors are exhausted.
int ckernel_timerfd(void);

/// Makes the timer readable `delay_ns` nanoseconds from now, or never if that is 0. Replaces an earlier start, and makes
/// it unreadable until then.
void ckernel_timerfd_start(int fd, long delay_ns);

/// Whether the timer has run out since its last start; makes it unreadable again.
int ckernel_timerfd_expired(int fd);

/// A new non-blocking TCP socket; -1 and errno when refused.
int ckernel_tcp_socket(int family);

/// The socket type of TCP, as an integer.
int ckernel_stream_type(void);

/// Takes one waiting connection as a non-blocking descriptor and stores the peer in a `struct sockaddr_storage`;
/// -1 and errno otherwise.
int ckernel_accept(int fd, void *peer);

/// One send of two pieces, without SIGPIPE; the number of bytes that left, or -1 and errno.
long ckernel_send_pieces(int fd, const void *first, size_t first_count, const void *second, size_t second_count);

/// Where data begin in a file at `offset` or behind it, holes passed over; -1 and errno: ENXIO when none follow, another
/// where the file system cannot tell.
long ckernel_seek_data(int fd, long offset);

/// Names the calling thread; the kernel takes at most 15 bytes and ignores a longer name.
void ckernel_name_thread(const char *name);

/// The system's words for an errno, never translated; NULL for an unknown one.
const char *ckernel_error_text(int code);

/// Continues a CRC-32 (that of zlib) over more bytes; begin with 0. Several times as fast as zlib's on processors that
/// multiply without carries.
unsigned ckernel_crc32(unsigned crc, const void *bytes, size_t count);

/// Continues an Adler-32 (that of zlib) over more bytes; begin with 1. Made for short pieces, such as records of a log.
unsigned ckernel_adler32(unsigned adler, const void *bytes, size_t count);

#endif
