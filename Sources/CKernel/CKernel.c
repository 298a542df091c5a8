#define _GNU_SOURCE 1
#include "CKernel.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <unistd.h>

int ckernel_eventfd(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

void ckernel_eventfd_signal(int fd) {
    uint64_t one = 1;
    while (write(fd, &one, sizeof one) < 0 && errno == EINTR) {}
}

void ckernel_eventfd_clear(int fd) {
    uint64_t ignored;
    while (read(fd, &ignored, sizeof ignored) < 0 && errno == EINTR) {}
}

int ckernel_timerfd(void) { return timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC); }

void ckernel_timerfd_start(int fd, long delay_ns) {
    struct itimerspec when = {.it_value = {.tv_sec = delay_ns / 1000000000, .tv_nsec = delay_ns % 1000000000}};
    timerfd_settime(fd, 0, &when, NULL);
}

int ckernel_timerfd_expired(int fd) {
    uint64_t times;
    return read(fd, &times, sizeof times) == sizeof times;
}

int ckernel_tcp_socket(int family) { return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0); }

int ckernel_stream_type(void) { return SOCK_STREAM; }

int ckernel_accept(int fd, void *peer) {
    socklen_t length = sizeof(struct sockaddr_storage);
    return accept4(fd, (struct sockaddr *)peer, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

long ckernel_send_pieces(int fd, const void *first, size_t first_count, const void *second, size_t second_count) {
    struct iovec pieces[2] = {{(void *)first, first_count}, {(void *)second, second_count}};
    struct msghdr message = {.msg_iov = pieces, .msg_iovlen = 2};
    return sendmsg(fd, &message, MSG_NOSIGNAL);
}

long ckernel_seek_data(int fd, long offset) { return lseek(fd, offset, SEEK_DATA); }

void ckernel_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

const char *ckernel_error_text(int code) { return strerrordesc_np(code); }
