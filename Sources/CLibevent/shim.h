// Ordinary system types first: libevent's own configuration defines _GNU_SOURCE, and Swift's Glibc module is built
// without it. The two must agree on the shape of fd_set.
#include <sys/types.h>
#include <sys/select.h>

#include <event2/event.h>
#include <event2/event_struct.h>
#include <event2/listener.h>
#include <event2/util.h>
