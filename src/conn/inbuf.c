/* inbuf.c -- input buffers and paths, shared by the byte connectors.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "conn/inbuf.h"

void inbuf_init(InBuf *in, Mem *mem, size_t cap) {
    *in = (InBuf){.mem = mem, .cap = cap, .ptr = mem_alloc(mem, cap + CHUNK_PADDING)};
    memset(in->ptr, 0, CHUNK_PADDING);
}

void inbuf_deinit(InBuf *in) {
    if (in->ptr) mem_free(in->mem, in->ptr, in->cap + CHUNK_PADDING);
    *in = (InBuf){.mem = in->mem};
}

void inbuf_reset(InBuf *in, uint64_t offset) {
    in->at = in->end = 0;
    in->offset = offset;
    in->has_more = false;
}

Status inbuf_room(InBuf *in, const char *name, char **to, size_t *cap, Err *err) {
    size_t rest = in->end - in->at;
    if (in->at) {
        memmove(in->ptr, in->ptr + in->at, rest);
        in->at = 0;
        in->end = rest;
    }
    if (rest == in->cap) {
        size_t old = in->cap;
        if (old >= RECORD_BYTES_MAX) {
            FAIL(err, ST_LIMIT, "54000", -1, "a record of %s at byte %llu is longer than %d bytes",
                 name, (unsigned long long)in->offset, RECORD_BYTES_MAX);
        }
        in->cap *= 2;
        in->ptr = mem_realloc(in->mem, in->ptr, old + CHUNK_PADDING, in->cap + CHUNK_PADDING);
    }
    *to = in->ptr + in->end;
    *cap = in->cap - in->end;
    return ST_OK;
}

void inbuf_added(InBuf *in, size_t n) {
    assert(in->end + n <= in->cap);
    in->end += n;
    memset(in->ptr + in->end, 0, CHUNK_PADDING); /* decoders may look at it, so it must not vary */
}

void inbuf_consume(InBuf *in, size_t n) {
    assert(n <= in->end - in->at);
    in->at += n;
    in->offset += n;
    in->has_more = n > 0 && in->at < in->end;
}

char *conn_path(Arena *arena, Span path, const char *base_dir) {
    if (span_starts_with(path, "file://"))
        path = (Span){path.ptr + 7, path.len - 7};
    else if (span_starts_with(path, "file:"))
        path = (Span){path.ptr + 5, path.len - 5};
    if (!base_dir || (path.len && path.ptr[0] == '/'))
        return arena_strndup(arena, path.ptr, path.len);
    return arena_printf(arena, "%s/" SPAN_FMT, base_dir, SPAN_ARG(path));
}
