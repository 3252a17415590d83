/* clock.c -- the two clocks and the name of the zone.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "os/os.h"

#include <unistd.h>

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

void clock_zone_name(char *out, size_t cap) {
    const char *zone = getenv("TZ");
    char path[512];
    ssize_t n;
    if (zone && *zone == ':') zone++;
    if (!zone || !*zone) {
        n = readlink("/etc/localtime", path, sizeof path - 1);
        path[n > 0 ? n : 0] = '\0';
        zone = strstr(path, "zoneinfo/");
        if (zone) zone += strlen("zoneinfo/");
    }
    snprintf(out, cap, "%s", zone && *zone ? zone : "UTC");
}
