/* windows.c -- arithmetic of TUMBLE, HOP and CUMULATE windows and their slices. See windows.h.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "op/windows.h"

enum { MS = 1000 };

static int64_t windows_gcd(int64_t a, int64_t b) {
    while (b) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

void windows_init(Windows *windows, const WindowSpec *spec, const Type *time, const ExprEnv *env) {
    *windows = (Windows){.kind = spec->kind,
                         .size = spec->size,
                         .slide = spec->kind == WINDOW_TUMBLE ? spec->size : spec->slide,
                         .offset = spec->offset,
                         .zone = time->kind == TYPE_TIMESTAMP_LTZ ? env->zone : NULL};
    windows->slice = spec->kind == WINDOW_HOP        ? windows_gcd(spec->size, spec->slide)
                     : spec->kind == WINDOW_CUMULATE ? spec->slide
                                                     : spec->size;
}

int64_t windows_last_end(const Windows *windows, int64_t slice_end) {
    int64_t slice_start = slice_end - windows->slice;
    switch (windows->kind) {
    case WINDOW_HOP:
        return windows_floor(slice_start, windows->slide, windows->offset) + windows->size;
    case WINDOW_CUMULATE:
        return windows_floor(slice_start, windows->size, windows->offset) + windows->size;
    default: return slice_end;
    }
}

int64_t windows_first_end(const Windows *windows, int64_t slice_end, int64_t end) {
    int64_t last = windows_last_end(windows, slice_end);
    if (end < slice_end) end = slice_end; /* also keeps the arithmetic away from INT64_MIN */
    if (end > last) return INT64_MAX;
    return last - (last - end) / windows->slide * windows->slide;
}

int64_t windows_start(const Windows *windows, int64_t end) {
    if (windows->kind == WINDOW_CUMULATE)
        return windows_floor(end - 1, windows->size, windows->offset);
    return end - windows->size;
}

/* Local time to UTC as Flink registers its timers: where a local hour happens twice, the later. */
static int64_t windows_to_utc(const Zone *zone, int64_t local) {
    static const int64_t HOUR = INT64_C(3600000000);
    int64_t first = zone_to_utc(zone, local), second = zone_to_utc(zone, local + HOUR);
    return second - first > HOUR ? second - HOUR : first;
}

int64_t windows_time_of(const Windows *windows, int64_t end) {
    return windows->zone ? windows_to_utc(windows->zone, end - MS) : end - MS;
}

int64_t windows_fire_time(const Windows *windows, int64_t end) {
    return windows->zone ? windows_time_of(windows, end) + MS : end;
}

static void windows_duration(int64_t us, Buf *out) {
    static const struct {
        int64_t us;
        const char *unit;
    } units[] = {{INT64_C(86400000000), "d"},
                 {INT64_C(3600000000), "h"},
                 {60000000, "min"},
                 {1000000, "s"},
                 {1000, "ms"},
                 {1, "us"}};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (us % units[i].us) continue;
        buf_printf(out, "%lld %s", (long long)(us / units[i].us), units[i].unit);
        return;
    }
}

void windows_explain(const WindowSpec *spec, Buf *out) {
    static const char *const names[] = {"tumble", "hop", "cumulate", "session"};
    static const char *const slides[] = {"", "slide", "step", ""};
    buf_printf(out, "window=%s", names[spec->kind]);
    if (spec->is_attached) {
        buf_puts(out, ", attached");
        return;
    }
    buf_puts(out, spec->kind == WINDOW_SESSION ? ", gap=" : ", size=");
    windows_duration(spec->size, out);
    if (*slides[spec->kind]) {
        buf_printf(out, ", %s=", slides[spec->kind]);
        windows_duration(spec->slide, out);
    }
    if (spec->offset) {
        buf_puts(out, ", offset=");
        windows_duration(spec->offset, out);
    }
    buf_puts(out, spec->is_proctime ? ", time=processing" : ", time=event");
}
