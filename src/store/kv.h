/* kv.h -- the ordered store of bytes that commits go to: a batch is written whole and synced, or
 * not at all. One implementation keeps everything in memory (tests), one is RocksDB.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WEIR_KV_H
#define WEIR_KV_H

#include "base/base.h"

/* Changes in order: a later one of the same key wins. */
typedef struct KvBatch {
    Buf ops; /* KvOp, key, value */
    uint64_t n;
} KvBatch;
typedef enum KvKind { KV_PUT, KV_DELETE, KV_DELETE_PREFIX } KvKind;
typedef struct KvOp {
    uint32_t kind, key_len, value_len;
} KvOp;

void kvbatch_init(KvBatch *batch, Mem *mem);
void kvbatch_deinit(KvBatch *batch);
void kvbatch_reset(KvBatch *batch);
void kvbatch_put(KvBatch *batch, Span key, Span value);
void kvbatch_delete(KvBatch *batch, Span key);
void kvbatch_delete_prefix(KvBatch *batch, Span prefix);
/* Steps through the changes: *at begins at 0; false behind the last. */
bool kvbatch_next(const KvBatch *batch, size_t *at, KvKind *kind, Span *key, Span *value);

typedef struct Kv Kv;
typedef Status KvVisit(void *ctx, Span key, Span value, Err *err);
typedef struct KvType {
    Status (*write)(Kv *, const KvBatch *, Err *);
    Status (*get)(Kv *, Span key, Buf *value, bool *is_found, Err *);
    Status (*scan)(Kv *, Span prefix, KvVisit *visit, void *ctx, Err *);
    /* A copy that another process can open; NULL: not to be had. */
    Status (*copy)(Kv *, const char *to, Err *);
    /* Outside of the store: the last commit of a job that was published, to notice when the store
     * has lost it. NULL: nothing is noted. */
    Status (*note)(Kv *, uint64_t job, uint64_t commit, Err *);
    Status (*noted)(Kv *, uint64_t job, uint64_t *commit, Err *);
    void (*close)(Kv *);
    bool is_immediate; /* writing takes no time: no thread is needed for it */
} KvType;
struct Kv {
    const KvType *type;
    uint64_t identity; /* made by chance with the store, and kept in it */
};
static inline uint64_t kv_identity(const Kv *kv) {
    return kv->identity;
}

/* Durable when it returns ST_OK. After an error nothing more is written. May be called from any
 * thread, unless the type is immediate. */
Status kv_write(Kv *kv, const KvBatch *batch, Err *err) WARN_UNUSED;
Status kv_get(Kv *kv, Span key, Buf *value, bool *is_found, Err *err) WARN_UNUSED;
/* All keys that begin with prefix, ascending. */
Status kv_scan(Kv *kv, Span prefix, KvVisit *visit, void *ctx, Err *err) WARN_UNUSED;
Status kv_copy(Kv *kv, const char *to, Err *err) WARN_UNUSED;
Status kv_note(Kv *kv, uint64_t job, uint64_t commit, Err *err) WARN_UNUSED;
Status kv_noted(Kv *kv, uint64_t job, uint64_t *commit, Err *err) WARN_UNUSED;
void kv_close(Kv *kv); /* NULL is allowed */

/* Writes batches one at a time on another thread. */
typedef struct KvWriter KvWriter;
Status kvwriter_open(Kv *kv, KvWriter **out, Err *err) WARN_UNUSED;
/* The batch must stay as it is until kvwriter_end. */
void kvwriter_begin(KvWriter *writer, const KvBatch *batch);
/* ST_OK: the batch is durable. ST_AGAIN (not when waits): it is being written. */
Status kvwriter_end(KvWriter *writer, bool waits, Err *err) WARN_UNUSED;
void kvwriter_close(KvWriter *writer); /* waits for what is being written; NULL is allowed */

/* A directory, made when it is not there. 55006: another process uses it. 55000: it holds something
 * else. 0A000: a newer weir wrote it, or RocksDB is not installed. XX001: it is damaged. */
Status statedir_open(const char *path, Kv **out, Err *err) WARN_UNUSED;

/* In memory; batches must come from the thread that reads. */
Kv *kv_memory(void);

#endif
