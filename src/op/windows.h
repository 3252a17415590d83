/* windows.h -- which windows a time belongs to, and when a window is complete. Window ends are in
 * the time of the window's columns: for TIMESTAMP_LTZ that is the session's local time. Not for
 * other directories.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_WINDOWS_H
#define WEIR_WINDOWS_H

#include "op/oputil.h"

typedef struct Windows {
    WindowKind kind;
    int64_t size, slide, offset; /* microseconds; TUMBLE: slide = size; CUMULATE: slide = step */
    int64_t slice;               /* width of a slice */
    const Zone *zone;            /* of the window columns, NULL when they are the time itself */
} Windows;

void windows_init(Windows *windows, const WindowSpec *spec, const Type *time, const ExprEnv *env);

static inline int64_t windows_floor(int64_t time, int64_t width, int64_t offset) {
    int64_t rest = (time - offset) % width;
    return time - rest - (rest < 0 ? width : 0);
}
/* From the time column to the time of the windows. */
static inline int64_t windows_local(const Windows *windows, int64_t time) {
    return windows->zone ? zone_to_local(windows->zone, time) : time;
}
/* The end of the slice that holds a (local) time. */
static inline int64_t windows_slice_end(const Windows *windows, int64_t local) {
    return windows_floor(local, windows->slice, windows->offset) + windows->slice;
}
/* The first window end at or above `end` of a window that holds the slice ending at slice_end;
 * INT64_MAX when none does. Ends of the windows of a slice are `slide` apart. */
int64_t windows_first_end(const Windows *windows, int64_t slice_end, int64_t end);
int64_t windows_last_end(const Windows *windows, int64_t slice_end);
int64_t windows_start(const Windows *windows, int64_t end);
/* The watermark (or clock, UTC) at which the window ending at `end` is complete. */
int64_t windows_fire_time(const Windows *windows, int64_t end);
/* The value of window_time: the last millisecond of the window, in the time column's own time. */
int64_t windows_time_of(const Windows *windows, int64_t end);

/* Prints "kind=hop, size=10 s, slide=2 s" for EXPLAIN. */
void windows_explain(const WindowSpec *spec, Buf *out);

#endif
