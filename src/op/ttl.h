/* ttl.h -- forgets state that was not written for a time (table.exec.state.ttl, STATE_TTL). Not for
 * other directories.
 *
 * The owner keeps the time of the last write with each entry. A queue, ordered by time, has one
 * place for each key: that of a write which may be older than the last one. When its time is up the
 * entry is looked at, and either forgotten or queued again by its last write. So a write costs
 * nothing, and a step looks only at what may be due. Processing time decides, as in Flink.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_TTL_H
#define WEIR_TTL_H

#include "op/oputil.h"

typedef struct Ttl {
    int64_t us;      /* 0: nothing is ever forgotten */
    MultiMap *queue; /* one group: (time, key) */
    Buf sort, key;
} Ttl;

/* name: of the queue's table. In batch mode nothing is forgotten. */
void ttl_open(Ttl *ttl, OpCtx *ctx, const char *name, int64_t us);
void ttl_close(Ttl *ttl);
/* The same queue for times of any clock. */
void ttl_open_queue(Ttl *ttl, OpCtx *ctx, const char *name);
void ttl_put(Ttl *ttl, int64_t at, Span key); /* a key may have several times */
/* Takes the first key whose time is not above the limit; valid until the next call. */
bool ttl_take(Ttl *ttl, int64_t limit, Span *key);
int64_t ttl_first(Ttl *ttl); /* the first time; INT64_MAX when there is none */
/* Notes a write: *last is the entry's. */
void ttl_write(Ttl *ttl, const OpCtx *ctx, int64_t *last, bool is_new, Span key);
/* The next key whose time may be up, taken from the queue; valid until the next call. */
bool ttl_next(Ttl *ttl, const OpCtx *ctx, Span *key);
/* Is it time to forget what was last written then? If not, the key is queued again. */
bool ttl_is_over(Ttl *ttl, const OpCtx *ctx, int64_t last, Span key);

#endif
