/* record.h -- numbers and texts one after another in bytes that were saved: positions of sources,
 * what a commit knows beside the state tables. Reading past the end sets a flag that sticks, so
 * that a reader checks once.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_RECORD_H
#define WEIR_RECORD_H

#include "base/buf.h"

typedef struct Record {
    Span rest;
    bool is_bad; /* something was missing */
} Record;

static inline void record_put_u64(Buf *out, uint64_t value) {
    buf_put(out, &value, sizeof value);
}
static inline void record_put_i64(Buf *out, int64_t value) {
    buf_put(out, &value, sizeof value);
}
static inline void record_put_span(Buf *out, Span value) {
    record_put_u64(out, value.len);
    buf_span(out, value);
}
/* Begins a span whose length is not known yet; record_end writes it. */
static inline size_t record_begin(Buf *out) {
    record_put_u64(out, 0);
    return out->len;
}
static inline void record_end(Buf *out, size_t begun) {
    uint64_t len = out->len - begun;
    memcpy(out->ptr + begun - sizeof len, &len, sizeof len);
}

static inline uint64_t record_u64(Record *in) {
    uint64_t value = 0;
    if (in->rest.len < sizeof value) {
        in->is_bad = true;
        in->rest.len = 0;
        return 0;
    }
    memcpy(&value, in->rest.ptr, sizeof value);
    in->rest.ptr += sizeof value;
    in->rest.len -= sizeof value;
    return value;
}
static inline int64_t record_i64(Record *in) {
    return (int64_t)record_u64(in);
}
static inline Span record_span(Record *in) {
    uint64_t len = record_u64(in);
    Span value = {in->rest.ptr, len};
    if (len > in->rest.len) {
        in->is_bad = true;
        in->rest.len = 0;
        return (Span){"", 0};
    }
    in->rest.ptr += len;
    in->rest.len -= len;
    return value;
}
/* A count of things that take at least min_bytes each. */
static inline uint64_t record_count(Record *in, size_t min_bytes) {
    uint64_t n = record_u64(in);
    if (n <= in->rest.len / min_bytes) return n;
    in->is_bad = true;
    in->rest.len = 0;
    return 0;
}

#endif
