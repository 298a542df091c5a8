// The few Linux calls and processor hints that Swift cannot name. Everything is inline: nothing is called.
#ifndef CKERNEL_H
#define CKERNEL_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

/// Asks the processor to bring the cache line at `address` closer, for reading.
static inline void ckernel_prefetch(const void *address) { __builtin_prefetch(address, 0, 3); }

#endif
