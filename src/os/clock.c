/* clock.c -- the two clocks.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "os/os.h"

static int64_t clock_read_us(clockid_t id) {
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_mono_us(void) {
    return clock_read_us(CLOCK_MONOTONIC);
}

int64_t clock_mono_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t clock_wall_us(void) {
    return clock_read_us(CLOCK_REALTIME);
}
