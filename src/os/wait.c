/* wait.c -- waits on a handful of descriptors. A pipeline has few (one a source), so ppoll costs
 * what epoll does.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "os/os.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { WAIT_MAX = 256 };

bool wait_fds(WaitFd *fds, uint32_t n, int64_t timeout_us) {
    struct pollfd polls[WAIT_MAX];
    struct timespec limit = {.tv_sec = timeout_us / 1000000,
                             .tv_nsec = timeout_us % 1000000 * 1000};
    if (n > WAIT_MAX) n = WAIT_MAX;
    for (uint32_t i = 0; i < n; i++) {
        polls[i] = (struct pollfd){.fd = fds[i].fd, .events = fds[i].want_write ? POLLOUT : POLLIN};
        fds[i].is_ready = false;
    }
    if (ppoll(polls, n, timeout_us < 0 ? NULL : &limit, NULL) <= 0) return false;
    for (uint32_t i = 0; i < n; i++) fds[i].is_ready = polls[i].revents != 0;
    return true;
}

int wake_open(void) {
    return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}

void wake_set(int fd) {
    uint64_t one = 1;
    ssize_t written = write(fd, &one, sizeof one); /* fails only when it is set already */
    (void)written;
}

void wake_clear(int fd) {
    uint64_t count;
    ssize_t got = read(fd, &count, sizeof count);
    (void)got;
}
