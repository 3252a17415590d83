/* buf.h -- a growing run of bytes that owns its memory. Used for text output, encoders and
 * connectors' partial records.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_BUF_H
#define WEIR_BUF_H

#include "base/span.h"

typedef struct Buf {
    char *ptr;
    size_t len, cap; /* bytes; ptr[len] is not a NUL unless buf_cstr was called */
    Mem *mem;
} Buf;

void buf_init(Buf *buf, Mem *mem);
void buf_deinit(Buf *buf);
static inline void buf_reset(Buf *buf) {
    buf->len = 0;
}

void buf_grow(Buf *buf, size_t more); /* room for `more` bytes behind len */
static inline char *buf_reserve(Buf *buf, size_t more) {
    if (buf->cap - buf->len < more) buf_grow(buf, more);
    return buf->ptr + buf->len;
}
static inline void buf_put(Buf *buf, const void *bytes, size_t len) {
    char *to = buf_reserve(buf, len);
    if (len) memcpy(to, bytes, len);
    buf->len += len;
}
static inline void buf_putc(Buf *buf, char c) {
    *buf_reserve(buf, 1) = c;
    buf->len++;
}
static inline void buf_puts(Buf *buf, const char *text) {
    buf_put(buf, text, strlen(text));
}
static inline void buf_span(Buf *buf, Span s) {
    buf_put(buf, s.ptr, s.len);
}
void buf_printf(Buf *buf, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_consume(Buf *buf, size_t len); /* drops the first len bytes */
const char *buf_cstr(Buf *buf);         /* NUL-terminated; valid until the next change */
static inline Span buf_as_span(const Buf *buf) {
    return (Span){buf->ptr, buf->len};
}

#endif
