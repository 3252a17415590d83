/* buf.c -- growth of the byte buffer.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/base.h"

#include <stdarg.h>

void buf_init(Buf *buf, Mem *mem) {
    *buf = (Buf){.mem = mem};
}

void buf_deinit(Buf *buf) {
    mem_free(buf->mem, buf->ptr, buf->cap);
    *buf = (Buf){.mem = buf->mem};
}

void buf_grow(Buf *buf, size_t more) {
    size_t cap = buf->cap ? buf->cap * 2 : 64;
    while (cap < buf->len + more) cap *= 2;
    buf->ptr = mem_realloc(buf->mem, buf->ptr, buf->cap, cap);
    buf->cap = cap;
}

void buf_printf(Buf *buf, const char *fmt, ...) {
    va_list args;
    va_list again;
    int n;
    va_start(args, fmt);
    va_copy(again, args);
    n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    vsnprintf(buf_reserve(buf, (size_t)n + 1), (size_t)n + 1, fmt, again);
    va_end(again);
    buf->len += (size_t)n;
}

void buf_consume(Buf *buf, size_t len) {
    assert(len <= buf->len);
    memmove(buf->ptr, buf->ptr + len, buf->len - len);
    buf->len -= len;
}

const char *buf_cstr(Buf *buf) {
    *buf_reserve(buf, 1) = '\0';
    return buf->ptr;
}
