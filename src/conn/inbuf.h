/* inbuf.h -- the input buffer of one byte stream: whole records leave at the front, the unfinished
 * one stays. Private to src/conn.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_INBUF_H
#define WEIR_INBUF_H

#include "conn/conn.h"

enum { INBUF_CHUNK = 256 << 10, RECORD_BYTES_MAX = 64 << 20 };

typedef struct InBuf {
    Mem *mem;
    char *ptr;
    size_t cap;      /* without the padding behind it */
    size_t at, end;  /* unconsumed bytes are ptr[at .. end) */
    uint64_t offset; /* of ptr[at] in the stream */
    /* The decoder stopped because the step had enough, so what is left may hold whole records: they
     * are given again without waiting for more bytes. */
    bool has_more;
} InBuf;

void inbuf_init(InBuf *in, Mem *mem, size_t cap);
void inbuf_deinit(InBuf *in);
void inbuf_reset(InBuf *in, uint64_t offset); /* forgets the bytes: another stream begins */
/* Where to read to: moves the rest to the front, and doubles the buffer when the rest fills it.
 * 54000 when a record would be longer than RECORD_BYTES_MAX. */
Status inbuf_room(InBuf *in, const char *name, char **to, size_t *cap, Err *err) WARN_UNUSED;
void inbuf_added(InBuf *in, size_t n);
void inbuf_consume(InBuf *in, size_t n);
static inline Span inbuf_span(const InBuf *in) {
    return (Span){in->ptr + in->at, in->end - in->at};
}

/* "file:///tmp/x", "/tmp/x" and "x" as a path; relative ones below base_dir. */
char *conn_path(Arena *arena, Span path, const char *base_dir);

#endif
