/* term.c -- what the terminal is like, and writing to it.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/cli.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

bool term_is_out(void) {
    return isatty(1);
}

bool term_is_err(void) {
    return isatty(2);
}

TermSize term_size(void) {
    struct winsize size;
    if (ioctl(1, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0)
        return (TermSize){size.ws_row, size.ws_col};
    if (ioctl(2, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0)
        return (TermSize){size.ws_row, size.ws_col};
    return (TermSize){24, 80};
}

bool term_has_utf8(void) {
    const char *names[] = {getenv("LC_ALL"), getenv("LC_CTYPE"), getenv("LANG")};
    for (int i = 0; i < 3; i++) {
        if (!names[i] || !*names[i]) continue;
        return strcasestr(names[i], "UTF-8") || strcasestr(names[i], "UTF8");
    }
    return false;
}

bool term_has_color(void) {
    const char *term = getenv("TERM");
    return term_is_out() && !getenv("NO_COLOR") && term && strcmp(term, "dumb") != 0;
}

static bool term_write(int fd, const char *bytes, size_t len) {
    while (len) {
        ssize_t n = write(fd, bytes, len);
        if (n >= 0) {
            bytes += n;
            len -= (size_t)n;
            continue;
        }
        if (errno == EINTR) continue;
        if (errno != EAGAIN) return false;
        struct pollfd wait = {.fd = fd, .events = POLLOUT};
        poll(&wait, 1, 1000);
    }
    return true;
}

void out_write(const char *bytes, size_t len) {
    if (term_write(1, bytes, len)) return;
    if (errno == EPIPE) _exit(EXIT_DONE); /* `weir run ... | head` has seen enough */
    static const char lost[] = "weir: cannot write to standard output\n";
    term_write(2, lost, sizeof lost - 1);
    _exit(EXIT_FAILED);
}

void err_write(const char *bytes, size_t len) {
    term_write(2, bytes, len);
}

int64_t cli_now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}
